package dev.hangup;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Which class files run on any JDK from 21 on, and which only on the release that compiled them. */
class ClassFilesTest {
    private static final String SCOPE = "dev/hangup/internal/race/Scope";
    private static final int JAVA_21 = 65;
    private static final int THIS_RELEASE = Runtime.version().feature() + 44;
    /** The minor version of a class file that uses preview features or APIs (JVMS, 4.1). */
    private static final int PREVIEW = 0xFFFF;

    private final Map<String, Version> versions = versions();

    @Test
    void onlyTheClassThatNeedsTaskScopesIsForOneRelease() {
        Set<String> bound = versions.entrySet().stream()
                .filter(it -> it.getValue().major > JAVA_21 || it.getValue().minor != 0)
                .map(it -> it.getKey().replaceFirst("\\$.*", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Set.of(SCOPE), bound);
        assertEquals(new Version(THIS_RELEASE, PREVIEW), versions.get(SCOPE));
    }

    /** By name, the demo left out. */
    private static Map<String, Version> versions() {
        Path classes = new ExportedTypes().classes();
        Map<String, Version> versions = new TreeMap<>();
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(it -> it.toString().endsWith(".class")).toList()) {
                String name = classes.relativize(file).toString().replaceFirst("\\.class$", "");
                if (!name.startsWith("dev/hangup/demo/")) {
                    versions.put(name, Version.of(file));
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        assertTrue(versions.containsKey("dev/hangup/Hangup") && versions.containsKey("module-info"), versions.toString());
        return versions;
    }

    private record Version(int major, int minor) {
        static Version of(Path classFile) throws IOException {
            try (DataInputStream input = new DataInputStream(Files.newInputStream(classFile))) {
                input.skipNBytes(4);
                int minor = input.readUnsignedShort();
                return new Version(input.readUnsignedShort(), minor);
            }
        }
    }
}
