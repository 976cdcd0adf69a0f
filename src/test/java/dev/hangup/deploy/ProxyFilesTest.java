package dev.hangup.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What the proxies' files must not have, so that they work as services of systemd, too. */
class ProxyFilesTest {
    /**
     * The standard error of a service is a socket, which cannot be opened by its path. A relative pid is relative to a folder of
     * the build, but systemd expects the file below {@code /run}.
     */
    private static final Pattern FOR_TERMINALS_ONLY = Pattern.compile("/dev/std(err|out)|(?m:^\\s*pid\\s+[^/\\s])");

    @Test
    void nothingWorksInATerminalOnly() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(Path.of("src/deploy"))) {
            files = all.filter(Files::isRegularFile).toList();
        }
        assertTrue(files.contains(Path.of("src/deploy/nginx.conf")), files.toString());
        for (Path file : files) {
            List<String> found = FOR_TERMINALS_ONLY.matcher(Files.readString(file)).results()
                    .map(it -> it.group().strip())
                    .toList();
            assertEquals(List.of(), found, file.toString());
        }
    }
}
