package dev.hangup.bench;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.hangup.Hangup;

/** A server in a process of its own, the demo's or another, so that its CPU time and its heap are accounted for alone. */
final class ServerProcess implements AutoCloseable {
    private static final String CLASS_PATH = System.getProperty("java.class.path");
    private static final Path BIN = Path.of(System.getProperty("java.home"), "bin");
    /** The JVM's program. */
    static final String JAVA = BIN.resolve("java").toString();
    /** A line of a histogram: number, how many objects, how many bytes, class. */
    private static final Pattern CLASS = Pattern.compile("^ *\\d+: +\\d+ +(\\d+) +(\\S+)", Pattern.MULTILINE);
    private static final Duration TICK = Duration.ofMillis(10);
    /** What the threads of both compilers have in their names, which Linux cuts off. */
    private static final List<String> COMPILERS = List.of("CompilerThre");
    /** What the threads have in their names that collect garbage. */
    private static final List<String> COLLECTORS = List.of("GC Thread", "G1 ", "VM Thread");

    private final Process process;
    private final int port;

    private ServerProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts it.
     *
     * @param settings as system properties, {@code key=value}
     */
    static ServerProcess start(String... settings) throws IOException, InterruptedException {
        int port = freePort();
        Path silence = Files.createTempFile("hangup", ".properties");
        Files.writeString(silence, ".level=OFF");
        List<String> options = new ArrayList<>(List.of("-Dserver.port=" + port, "-Djava.util.logging.config.file=" + silence));
        for (String setting : settings) {
            options.add("-D" + setting);
        }
        Process process = launch(options, CLASS_PATH, "dev.hangup.demo.Main");
        // it says so when it listens, and nothing after that
        if (process.inputReader().lines().noneMatch(line -> line.startsWith("Hangup listens"))) {
            throw new IOException("The server has ended with " + process.waitFor());
        }
        return new ServerProcess(process, port);
    }

    /** Starts another program, which says on which port it listens, and nothing after that. */
    static ServerProcess start(Class<?> program, String... arguments) throws IOException, InterruptedException {
        return startWith(CLASS_PATH, program, arguments);
    }

    /** Starts another program with the given classes of Hangup instead of this state's. */
    static ServerProcess startBefore(Path classes, Class<?> program, String... arguments) throws IOException, InterruptedException {
        return startWith(with(classes), program, arguments);
    }

    /**
     * Starts another program on {@link EndlessConnections}, with one carrier.
     *
     * @param path   what their clients ask for
     * @param before the classes of Hangup; empty for those of this state
     */
    static ServerProcess startEndless(String path, String before, Class<?> program, String... arguments)
            throws IOException, InterruptedException {
        List<String> options = new ArrayList<>(jvmOptions());
        options.addAll(List.of("--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
                               "-Djava.nio.channels.spi.SelectorProvider=" + EndlessConnections.class.getName(),
                               "-Djdk.virtualThreadScheduler.parallelism=1", "-Djdk.virtualThreadScheduler.maxPoolSize=1",
                               "-D" + EndlessConnections.PATH + "=" + path));
        return startWith(options, before.isEmpty() ? CLASS_PATH : with(Path.of(before)), program, arguments);
    }

    private static String with(Path classes) {
        String now = Path.of(URI.create(Hangup.class.getProtectionDomain().getCodeSource().getLocation().toString())).toString();
        return CLASS_PATH.replace(now, classes.toString());
    }

    private static ServerProcess startWith(String classPath, Class<?> program, String... arguments)
            throws IOException, InterruptedException {
        return startWith(jvmOptions(), classPath, program, arguments);
    }

    private static List<String> jvmOptions() {
        String options = System.getProperty("benchmark.jvm", "");
        return options.isEmpty() ? List.of() : List.of(options.split(" "));
    }

    private static ServerProcess startWith(List<String> options, String classPath, Class<?> program, String... arguments)
            throws IOException, InterruptedException {
        Process process = launch(options, classPath, program.getName(), arguments);
        String port = process.inputReader().readLine();
        if (port == null) {
            throw new IOException("The server has ended with " + process.waitFor());
        }
        return new ServerProcess(process, Integer.parseInt(port));
    }

    private static Process launch(List<String> options, String classPath, String program, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(JAVA, "--enable-preview",
                                                       // a compiler's thread that ended would take its CPU time with it
                                                       "-XX:-UseDynamicNumberOfCompilerThreads"));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, program));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** Starts one that has Hangup on another socket only: this one's connections are as Helidon made them. */
    static ServerProcess startPlain() throws IOException, InterruptedException {
        return start("server.sockets.0.name=other", "server.sockets.0.port=0", "server.sockets.0.shutdown-grace-period=PT1S",
                     "server.features.hangup.sockets.0=other");
    }

    int port() {
        return port;
    }

    /** Waits for the next line that the server writes. */
    String nextLine() throws IOException {
        return process.inputReader().readLine();
    }

    /** How many descriptors the process has. */
    long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
            return open.count();
        }
    }

    /** CPU time of the process up to now, user and system, on Linux without that of the JIT compilers. */
    Duration cpu() throws IOException {
        return process.info().totalCpuDuration().orElseThrow().minus(cpuOf(COMPILERS));
    }

    /** CPU time of the threads that collect garbage, on Linux; 0 elsewhere. */
    Duration collectorCpu() throws IOException {
        return cpuOf(COLLECTORS);
    }

    private Duration cpuOf(List<String> names) throws IOException {
        Path threads = Path.of("/proc/" + process.pid() + "/task");
        if (!Files.isDirectory(threads)) {
            return Duration.ZERO;
        }
        long ticks = 0;
        try (DirectoryStream<Path> each = Files.newDirectoryStream(threads)) {
            for (Path thread : each) {
                ticks += ticks(thread.resolve("stat"), names);
            }
        }
        return TICK.multipliedBy(ticks);
    }

    private static long ticks(Path stat, List<String> names) throws IOException {
        String line;
        try {
            line = Files.readString(stat);
        } catch (NoSuchFileException e) {
            // the thread has ended meanwhile; one of the JVM's own never does
            return 0;
        }
        // proc(5): the name is in parentheses; user and system time are the 14th and 15th field
        int nameEnds = line.lastIndexOf(')');
        String name = line.substring(0, nameEnds);
        if (names.stream().noneMatch(name::contains)) {
            return 0;
        }
        String[] fields = line.substring(nameEnds + 2).split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    /** Waits until the server has done what it was asked for: until it uses no CPU time to speak of. */
    void settle() throws IOException, InterruptedException {
        Duration before;
        Duration now = cpu();
        do {
            before = now;
            TimeUnit.MILLISECONDS.sleep(300);
            now = cpu();
        } while (now.minus(before).compareTo(TICK) > 0);
    }

    /** Bytes of memory that it has from the operating system. */
    long resident() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        throw new IOException("The process has ended");
    }

    /** Bytes of the objects on its heap that live. */
    long liveHeap() throws IOException {
        return liveClasses().values().stream().mapToLong(Long::longValue).sum();
    }

    /** Bytes of the objects on its heap that live, by the name of their class. */
    Map<String, Long> liveClasses() throws IOException {
        Map<String, Long> bytes = new HashMap<>();
        Matcher line = CLASS.matcher(jcmd("GC.class_histogram"));
        while (line.find()) {
            // what G1 fills gaps with is no object of the program
            if (!line.group(2).contains("FillerElement")) {
                bytes.merge(line.group(2), Long.parseLong(line.group(1)), Long::sum);
            }
        }
        if (bytes.isEmpty()) {
            throw new IOException("jcmd gave no histogram");
        }
        return bytes;
    }

    /** What jcmd says when it asks the server's JVM for that. */
    String jcmd(String... asked) throws IOException {
        List<String> command = new ArrayList<>(List.of(BIN.resolve("jcmd").toString(), String.valueOf(process.pid())));
        command.addAll(List.of(asked));
        Process jcmd = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(jcmd.getInputStream().readAllBytes());
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** A port that is free now. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
