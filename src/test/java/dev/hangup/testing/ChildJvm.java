package dev.hangup.testing;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * JVMs that tests start, on this JVM's JDK. Most of them live for a second or two, half of which C2 would take: so they compile
 * as this JVM does. They may look at their threads as it may ({@link LiveThreads}).
 */
public final class ChildJvm {
    private static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private static final List<String> INHERITED = ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(it -> it.startsWith("-XX:TieredStopAtLevel=") || it.startsWith("--add-exports=")
                    || it.startsWith("-Dkeystore."))
            .toList();

    private ChildJvm() {
    }

    /**
     * Returns a builder of a process that runs a JVM.
     *
     * @param arguments options of the JVM, the class path, the main class, and its arguments
     * @return a builder
     */
    public static ProcessBuilder builder(List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(JAVA);
        command.addAll(INHERITED);
        command.addAll(arguments);
        return new ProcessBuilder(command);
    }

    /** As {@link #builder(List)}. */
    public static ProcessBuilder builder(String... arguments) {
        return builder(List.of(arguments));
    }
}
