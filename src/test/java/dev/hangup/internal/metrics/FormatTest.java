package dev.hangup.internal.metrics;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import dev.hangup.Hangup;
import dev.hangup.cpu.CpuBound;
import dev.hangup.metrics.HangupMetrics;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Whether a scrape is what Prometheus expects, of its text format and its names. */
class FormatTest {
    private static final Pattern SAMPLE = Pattern.compile(
            "(hangup_[a-z0-9_]+)(\\{(?:[a-z_]+=\"(?:[^\"\\\\]|\\\\[\\\\\"n])*\",?)*}) [-+0-9.E]+");
    private static final Pattern PART = Pattern.compile("_(bucket|count|sum)$");

    @Test
    void eachSampleIsOfAFamilyWithATypeAndADescription() {
        List<String> lines = scrape();
        Set<String> typed = described(lines, "TYPE");
        Set<String> helped = described(lines, "HELP");
        for (String line : samples(lines)) {
            Matcher sample = SAMPLE.matcher(line);
            assertTrue(sample.matches(), line);
            String family = typed.contains(sample.group(1)) ? sample.group(1) : PART.matcher(sample.group(1)).replaceFirst("");
            assertTrue(typed.contains(family), "no type: " + line);
            assertTrue(helped.contains(family), "no description: " + line);
        }
    }

    @Test
    void noSeriesIsThereTwice() {
        Set<String> seen = new HashSet<>();
        for (String line : samples(scrape())) {
            assertTrue(seen.add(line.substring(0, line.lastIndexOf(' '))), "twice: " + line);
        }
    }

    @Test
    void countersAreTotalsAndTimesAreSeconds() {
        List<String> lines = scrape();
        List<String> types = lines.stream().filter(line -> line.startsWith("# TYPE ")).toList();
        assertTrue(types.contains("# TYPE hangup_requests_total counter"), types.toString());
        assertTrue(types.contains("# TYPE hangup_stopping_seconds histogram"), types.toString());
        assertTrue(types.contains("# TYPE hangup_read_ahead_bytes gauge"), types.toString());
        for (String type : types) {
            String[] words = type.split(" ");
            assertEquals(words[3].equals("counter"), words[2].endsWith("_total"), type);
        }
    }

    private static Set<String> described(List<String> lines, String how) {
        return lines.stream()
                .filter(line -> line.startsWith("# " + how + " "))
                .map(line -> line.split(" ")[2])
                .collect(Collectors.toSet());
    }

    private static List<String> samples(List<String> lines) {
        List<String> samples = lines.stream().filter(line -> !line.startsWith("#")).toList();
        assertTrue(samples.size() > 10, samples.toString());
        return samples;
    }

    private static List<String> scrape() {
        CpuBound cpu = HangupMetrics.bind("format", CpuBound.create());
        try (TestServer server = Scrape.server(routing -> routing
                .get("/format", Hangup.cancellable(request -> cpu.call(() -> "done")))); RawClient client = server.connect()) {
            client.get("/format").read();
            server.nextEnd();
            return Scrape.ofHangup(client);
        }
    }
}
