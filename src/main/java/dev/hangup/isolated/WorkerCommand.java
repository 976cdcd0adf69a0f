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
 * The command line of a worker's JVM.
 *
 * @param heap            the maximum heap in bytes
 * @param greetingTimeout how long the worker waits for the server's greeting
 * @param options         additional options, which override the others
 */
record WorkerCommand(long heap, Duration greetingTimeout, List<String> options) {
    /** Variables whose options are meant for the server; for example, the port of an agent is in use already. */
    private static final Set<String> SERVER_OPTION_VARIABLES = Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");
    private static final String CLASS_PATH = System.getProperty("java.class.path");

    /** Returns the command of a worker that uses an archive of classes if there is one. */
    ProcessBuilder worker(Path jar, Optional<Path> archive) {
        return builder(program(jar + File.pathSeparator + CLASS_PATH), archive.map(it -> "-XX:SharedArchiveFile=" + it));
    }

    /** Returns the command of a worker that writes an archive of its classes when it ends. */
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
     * Returns the arguments that give the worker the server's modules and class path; automatic modules may use the class path.
     * Modules linked into the runtime image have no file; the worker runs on the same image.
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
                // the smallest collector, and the fastest to start
                "-XX:+UseSerialGC",
                // would leave a file behind if the worker is killed
                "-XX:-UsePerfData",
                // after an OutOfMemoryError, the rest of the JVM may be broken, too
                "-XX:+ExitOnOutOfMemoryError",
                // crash reports go to the server's log instead of its working directory
                "-XX:+ErrorFileToStderr",
                // warnings of the JVM about archives
                "-Xlog:disable",
                // as the server has; tasks may use preview APIs
                "--enable-preview"));
        archive.ifPresent(command::add);
        command.addAll(options);
        command.addAll(program);
        command.add(String.valueOf(greetingTimeout.toMillis()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeAll(SERVER_OPTION_VARIABLES);
        return builder;
    }
}
