package dev.hangup.testing;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * JVMs that tests start, on this JVM's JDK. Most of them live for a second or two, and C2 would use half of that time. So they
 * compile as this JVM does, and take their classes from a {@link ClassArchive}. They may look at their threads as this JVM may
 * ({@link LiveThreads}).
 */
public final class ChildJvm {
    private static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    /** What archives and those who use them have to agree on. */
    static final List<String> OPTIONS = List.of("--enable-preview", "--enable-native-access=ALL-UNNAMED");
    static final List<String> INHERITED = ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(it -> it.startsWith("-XX:TieredStopAtLevel=") || it.equals("-XX:+UseSerialGC")
                    || it.startsWith("--add-exports=")
                    || it.startsWith("-Dkeystore."))
            .toList();

    private ChildJvm() {
    }

    /**
     * Returns a builder of a process that runs a class of the tests, or of the demo, with preview features.
     *
     * @param main      the name of the class
     * @param options   options of the JVM
     * @param arguments arguments of the class
     * @return a builder
     */
    public static ProcessBuilder running(String main, List<String> options, String... arguments) {
        List<String> line = new ArrayList<>(OPTIONS);
        line.addAll(ClassArchive.options());
        line.addAll(options);
        line.add(main);
        line.addAll(List.of(arguments));
        return builder(line);
    }

    /** As {@link #running(String, List, String...)}. */
    public static ProcessBuilder running(Class<?> main, List<String> options, String... arguments) {
        return running(main.getName(), options, arguments);
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
