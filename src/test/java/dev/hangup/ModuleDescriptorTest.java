package dev.hangup;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
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

import io.helidon.builder.api.Prototype;

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

    private final Path classes = classes();
    private final ModuleDescriptor descriptor = descriptor();

    @Test
    void exportedTypesAreThoseThatTheDocumentLists() throws IOException {
        List<String> listed = ROW.matcher(Files.readString(DOCUMENT)).results()
                .map(it -> it.group(1) + "." + it.group(2)).toList();
        Set<String> exported = new TreeSet<>();
        for (ModuleDescriptor.Exports each : descriptor.exports()) {
            assertFalse(each.source().contains(".internal") || each.isQualified(), each.toString());
            types(each.source()).forEach(it -> exported.add(it.getCanonicalName()));
        }
        assertTrue(exported.contains(Hangup.class.getName()), exported.toString());
        assertEquals(exported, new TreeSet<>(listed));
        assertEquals(exported.size(), listed.size(), "types that are listed twice");
    }

    @Test
    void descriptorProvidesWhatIsFoundOnTheClassPath() throws IOException {
        Map<String, Set<String>> found = new TreeMap<>();
        try (Stream<Path> files = Files.list(classes.resolve("META-INF/services"))) {
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

    /** Those that others can name, but not what is generated inside of a prototype, which has the same shape for each. */
    private List<Class<?>> types(String name) throws IOException {
        try (Stream<Path> files = Files.list(classes.resolve(name.replace('.', '/')))) {
            return files.map(it -> it.getFileName().toString())
                    .filter(it -> it.endsWith(".class") && !it.equals("package-info.class"))
                    .<Class<?>>map(it -> load(name + "." + it.substring(0, it.length() - ".class".length())))
                    .filter(ModuleDescriptorTest::isAccessible)
                    .filter(it -> it.getEnclosingClass() == null
                            || !Prototype.Api.class.isAssignableFrom(outermost(it)))
                    .toList();
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, ModuleDescriptorTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isAccessible(Class<?> type) {
        for (Class<?> each = type; each != null; each = each.getEnclosingClass()) {
            if (each.getCanonicalName() == null || (each.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED)) == 0) {
                return false;
            }
        }
        return true;
    }

    private static Class<?> outermost(Class<?> type) {
        return type.getEnclosingClass() == null ? type : outermost(type.getEnclosingClass());
    }

    private static List<String> directives(String release) throws IOException {
        String text = Files.readString(Path.of("src/main", release, "module-info.java")).replaceAll("/\\*\\*[^/]*\\*/|//.*", "");
        return Stream.of(text.split("[;{}]")).map(it -> it.strip().replaceAll("\\s+", " ")).toList();
    }

    private static Path classes() {
        try {
            return Path.of(Hangup.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private ModuleDescriptor descriptor() {
        try (InputStream input = Files.newInputStream(classes.resolve("module-info.class"))) {
            return ModuleDescriptor.read(input);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
