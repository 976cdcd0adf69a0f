package dev.hangup.proxies;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.hangup.testing.Await;
import dev.hangup.testing.FreePorts;

/** A proxy as a child process, in a folder and on ports of its own. It ends with this JVM at the latest. */
final class RunningProxy implements AutoCloseable {
    /** The deadline that proxies set in tests, in place of the ten seconds of their files. */
    static final int DEADLINE_MILLIS = 4000;
    private static final int MILLIS_TO_END = 2000;
    private static final Pattern NUMBERS = Pattern.compile("\\b(8080|8000|8001|10000)\\b");

    private final Proxy proxy;
    private final Path folder;
    private final Process process;
    private final Thread atExit = new Thread(this::kill);
    private final Map<String, Integer> numbers;

    private RunningProxy(Proxy proxy, Map<String, Integer> numbers, UnaryOperator<String> change) throws IOException {
        this.proxy = proxy;
        this.numbers = numbers;
        this.folder = Files.createTempDirectory("hangup-" + proxy.program());
        String configuration = NUMBERS.matcher(change.apply(Files.readString(proxy.file())))
                .replaceAll(it -> numbers.get(it.group()).toString());
        List<String> command = new ArrayList<>(List.of(proxy.installed().orElseThrow().toString()));
        command.addAll(proxy.command(folder, configuration, port()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(Proxy.OUTPUT).toFile());
        builder.environment().putAll(Map.of("HOME", folder.toString(), "XDG_DATA_HOME", folder.toString(),
                                            "XDG_CONFIG_HOME", folder.toString()));
        this.process = builder.start();
    }

    /**
     * Starts a proxy, and waits until it accepts connections.
     *
     * @param server the port of the server behind it
     * @param change what to change in its configuration
     */
    static RunningProxy start(Proxy proxy, int server, UnaryOperator<String> change) throws IOException {
        List<Integer> ports = FreePorts.of(2);
        RunningProxy started = new RunningProxy(proxy, Map.of("8080", server, "8000", ports.getFirst(), "8001", ports.getLast(),
                                                              "10000", DEADLINE_MILLIS), change);
        Runtime.getRuntime().addShutdownHook(started.atExit);
        Await.untilBegun(proxy + " accepts connections", started::accepts);
        return started;
    }

    /** Where it accepts HTTP/1.1. */
    int port() {
        return numbers.get("8000");
    }

    /** Where it accepts HTTP/2 in clear text, with prior knowledge. */
    int portOfHttp2() {
        return proxy == Proxy.NGINX ? numbers.get("8001") : port();
    }

    @Override
    public void close() throws IOException {
        Runtime.getRuntime().removeShutdownHook(atExit);
        kill();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private boolean accepts() {
        if (!process.isAlive()) {
            try {
                throw new AssertionError(proxy + " has ended: " + Files.readString(folder.resolve(Proxy.OUTPUT)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        try (Socket socket = new Socket("127.0.0.1", port())) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** Ends it, and the processes that it has begun. It is asked first, since Squid would leave shared memory behind. */
    private void kill() {
        // the first one before the others, which it would replace
        List<ProcessHandle> all = Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
        process.destroy();
        process.onExit().completeOnTimeout(process, MILLIS_TO_END, TimeUnit.MILLISECONDS).join();
        all.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle each : all) {
            each.onExit().orTimeout(Await.TIME.toSeconds(), TimeUnit.SECONDS).join();
        }
    }
}
