package dev.hangup.isolated;

import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How a worker's JVM is run.
 *
 * @param heap            bytes
 * @param greetingTimeout for how long it waits to be told what it is for
 * @param options         what the user adds, and so may override
 */
record WorkerCommand(long heap, Duration greetingTimeout, List<String> options) {
    /** Meant for the server: an agent's port, say, is taken. */
    private static final Set<String> OTHERS_OPTIONS = Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

    /** A worker that may use an archive of classes. */
    ProcessBuilder worker(Path jar, Optional<Path> archive) {
        String classPath = jar + File.pathSeparator + System.getProperty("java.class.path");
        return builder(classPath, archive.map(it -> "-XX:SharedArchiveFile=" + it));
    }

    /** A worker that leaves an archive of its classes when it ends. */
    ProcessBuilder training(Path jar, Path archive) {
        return builder(jar.toString(), Optional.of("-XX:ArchiveClassesAtExit=" + archive));
    }

    private ProcessBuilder builder(String classPath, Optional<String> archive) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                // the smallest and the first to be ready
                "-XX:+UseSerialGC",
                // would leave a file behind when the worker is killed
                "-XX:-UsePerfData",
                // whatever it hits, the rest of the JVM may be the worse for it
                "-XX:+ExitOnOutOfMemoryError",
                // of a crash, into the server's log instead of its working directory
                "-XX:+ErrorFileToStderr",
                // the JVM's doubts about archives
                "-Xlog:disable",
                // final in JDK 22
                "--enable-preview",
                "--enable-native-access=ALL-UNNAMED"));
        archive.ifPresent(command::add);
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, WorkerMain.class.getName(), String.valueOf(greetingTimeout.toMillis())));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeAll(OTHERS_OPTIONS);
        return builder;
    }
}
