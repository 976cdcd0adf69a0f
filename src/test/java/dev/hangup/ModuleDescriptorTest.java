package dev.hangup;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What the module exports and provides, by the descriptor that was compiled. */
class ModuleDescriptorTest {
    private static final Path DOCUMENT = Path.of("src/doc/architecture.md");
    /** A row with a package, a type and what it is for. */
    private static final Pattern ROW = Pattern.compile("^\\| `(dev\\.hangup[.\\w]*)` \\| `([.\\w]+)` \\| \\S.* \\|$",
                                                       Pattern.MULTILINE);
    /** Before JDK 25 not provided by the module; see its descriptor. */
    private static final Set<String> OPTIONAL = Set.of("io.helidon.health.spi.HealthCheckProvider",
                                                       "io.helidon.webclient.spi.WebClientServiceProvider",
                                                       "io.helidon.webserver.observe.spi.ObserveProvider");

    private final ExportedTypes module = new ExportedTypes();
    private final ModuleDescriptor descriptor = module.descriptor();

    @Test
    void exportedTypesAreThoseThatTheDocumentLists() throws IOException {
        List<String> listed = ROW.matcher(Files.readString(DOCUMENT)).results()
                .map(it -> it.group(1) + "." + it.group(2)).toList();
        Set<String> exported = new TreeSet<>();
        for (ModuleDescriptor.Exports each : descriptor.exports()) {
            assertFalse(each.source().contains(".internal") || each.isQualified(), each.toString());
            module.in(each.source()).stream()
                    .filter(it -> !ExportedTypes.isGenerated(it))
                    .forEach(it -> exported.add(it.getCanonicalName()));
        }
        assertTrue(exported.contains(Hangup.class.getName()), exported.toString());
        assertEquals(exported, new TreeSet<>(listed));
        assertEquals(exported.size(), listed.size(), "types that are listed twice");
    }

    @Test
    void descriptorProvidesWhatIsFoundOnTheClassPath() throws IOException {
        Map<String, Set<String>> found = new TreeMap<>();
        try (Stream<Path> files = Files.list(module.classes().resolve("META-INF/services"))) {
            for (Path file : files.toList()) {
                String service = file.getFileName().toString().replace('$', '.');
                if (Runtime.version().feature() >= 25 || !OPTIONAL.contains(service)) {
                    found.put(service, new TreeSet<>(Files.readAllLines(file)));
                }
            }
        }
        Map<String, Set<String>> provided = new TreeMap<>();
        descriptor.provides().forEach(it -> provided.put(it.service().replace('$', '.'), new TreeSet<>(it.providers())));
        assertEquals(found, provided);
    }

    @Test
    void descriptorForOlderReleasesLacksTheOptionalServicesAndNothingElse() throws IOException {
        List<String> expected = new ArrayList<>(directives("java25"));
        expected.removeIf(it -> OPTIONAL.stream().anyMatch(it::contains));
        assertEquals(OPTIONAL.size(), directives("java25").size() - expected.size());
        assertEquals(expected, directives("java21"));
    }

    private static List<String> directives(String release) throws IOException {
        String text = Files.readString(Path.of("src/main", release, "module-info.java")).replaceAll("/\\*\\*[^/]*\\*/|//.*", "");
        return Stream.of(text.split("[;{}]")).map(it -> it.strip().replaceAll("\\s+", " ")).toList();
    }
}
