package dev.hangup.deploy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import dev.hangup.testing.Await;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** {@code start-cache} outside of an image; {@link ContainerTest} runs it in one, and sees that the cache is used. */
class StartCacheTest {
    private static final Path JDK = Path.of(System.getProperty("java.home"), "bin");

    @TempDir
    private Path folder;

    @Test
    void pathMayHaveSpacesAndEnvironmentMaySetTheHost() throws Exception {
        Path demo = Files.createDirectory(folder.resolve("a \"folder\" with\\all"));
        PackagedDemo.layInto(demo);
        run(List.of("bash", demo.resolve("start-cache").toString(), demo.toString()));
        try (Stream<Path> files = Files.list(demo)) {
            assertEquals(1, files.filter(it -> it.toString().matches(".*\\.(aot|jsa)")).count());
        }
        run(List.of(JDK.resolve("java").toString(), "--enable-preview", "@" + demo.resolve("start-cache.options"), "-version"));
    }

    private void run(List<String> command) throws Exception {
        Path output = folder.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("PATH", JDK + ":" + System.getenv("PATH"));
        builder.environment().put("SERVER_HOST", "0.0.0.0");
        // not measured here, and C2 takes long
        builder.environment().put("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1");
        Process process = builder.start();
        try {
            Await.untilBegun("the end of " + command, () -> !process.isAlive());
            assertEquals(0, process.exitValue(), Files.readString(output));
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
