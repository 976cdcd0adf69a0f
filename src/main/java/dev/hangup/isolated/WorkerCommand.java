package dev.hangup.isolated;

import java.io.File;
import java.lang.module.ResolvedModule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

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
    private static final String CLASS_PATH = System.getProperty("java.class.path");

    /** A worker that may use an archive of classes. */
    ProcessBuilder worker(Path jar, Optional<Path> archive) {
        return builder(program(jar + File.pathSeparator + CLASS_PATH), archive.map(it -> "-XX:SharedArchiveFile=" + it));
    }

    /** A worker that leaves an archive of its classes when it ends. */
    ProcessBuilder training(Path jar, Path archive) {
        return builder(program(jar.toString()), Optional.of("-XX:ArchiveClassesAtExit=" + archive));
    }

    private static List<String> program(String classPath) {
        Module module = WorkerMain.class.getModule();
        return module.isNamed()
                ? program(module)
                : List.of("--enable-native-access=ALL-UNNAMED", "-cp", classPath, WorkerMain.class.getName());
    }

    /**
     * With the modules that the server has, and its class path, which modules without a descriptor may use. Modules that were
     * linked into the server's runtime image have no file: they are in the worker's image, which is the same.
     */
    private static List<String> program(Module module) {
        Set<ResolvedModule> modules = module.getLayer().configuration().modules();
        String names = modules.stream().map(ResolvedModule::name).sorted().collect(Collectors.joining(","));
        String path = modules.stream()
                .flatMap(it -> it.reference().location().stream())
                .filter(it -> it.getScheme().equals("file"))
                .map(it -> Path.of(it).toString())
                .sorted()
                .collect(Collectors.joining(File.pathSeparator));
        return List.of("--enable-native-access=ALL-UNNAMED," + names, "--add-modules=" + names, "--module-path=" + path,
                       "-cp", CLASS_PATH, "--module=" + module.getName() + "/" + WorkerMain.class.getName());
    }

    private ProcessBuilder builder(List<String> program, Optional<String> archive) {
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
                "--enable-preview"));
        archive.ifPresent(command::add);
        command.addAll(options);
        command.addAll(program);
        command.add(String.valueOf(greetingTimeout.toMillis()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeAll(OTHERS_OPTIONS);
        return builder;
    }
}
