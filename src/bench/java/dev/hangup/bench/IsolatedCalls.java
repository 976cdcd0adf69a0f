package dev.hangup.bench;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;

import dev.hangup.Hangup;
import dev.hangup.isolated.Isolated;
import dev.hangup.isolated.IsolatedTask;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;

/** What a call of a worker JVM costs, and how long it takes from the client's close to the end of the worker's process. */
final class IsolatedCalls implements Benchmark.Part {
    private static final int WARM_UPS = 2000;
    private static final int CALLS = 5000;
    private static final int LARGE_CALLS = 300;
    private static final int COLD_CALLS = 60;
    private static final int DEPARTURES = 300;
    private static final int TRAINING_SECONDS = 10;

    @Override
    public String question() {
        return "calls of worker JVMs: warm, cold, and from the client's close to the end of the process";
    }

    @Override
    public void run() throws Exception {
        try (Isolated isolated = Isolated.builder().size(1).build()) {
            callOften(isolated, new byte[8], WARM_UPS);
            tell("warm, 8 bytes", callOften(isolated, new byte[8], CALLS));
            tell("warm, 1 MiB", callOften(isolated, new byte[1024 * 1024], LARGE_CALLS));
        }
        for (boolean archive : new boolean[] {false, true}) {
            try (Isolated isolated = Isolated.builder().size(1).archive(archive).build()) {
                isolated.call(Echo.class, new byte[8]);
                if (archive) {
                    // nobody tells when it is there
                    TimeUnit.SECONDS.sleep(TRAINING_SECONDS);
                }
                tell("cold, " + (archive ? "with" : "without") + " an archive", callCold(isolated));
            }
        }
        try (Isolated isolated = Isolated.builder().size(2).build()) {
            leave(isolated, DEPARTURES / 10);
            tell("close to process's end", leave(isolated, DEPARTURES));
        }
    }

    private static void tell(String what, double[] millis) {
        System.out.printf(Locale.ROOT, "%-24s %s%n", what, new Samples(millis).tail());
    }

    private static double[] callOften(Isolated isolated, byte[] input, int times) throws Exception {
        double[] millis = new double[times];
        for (int i = 0; i < times; i++) {
            long start = System.nanoTime();
            isolated.call(Echo.class, input);
            millis[i] = (System.nanoTime() - start) / 1e6;
        }
        return millis;
    }

    /** From the end of the worker before: the next one starts at once. */
    private static double[] callCold(Isolated isolated) throws Exception {
        double[] millis = new double[COLD_CALLS];
        for (int i = 0; i < COLD_CALLS; i++) {
            try {
                isolated.call(Exit.class, new byte[0]);
            } catch (RuntimeException e) {
                // as it must
            }
            long start = System.nanoTime();
            isolated.call(Echo.class, new byte[8]);
            millis[i] = (System.nanoTime() - start) / 1e6;
        }
        return millis;
    }

    private static double[] leave(Isolated isolated, int departures) throws Exception {
        double[] millis = new double[departures];
        SynchronousQueue<Long> gone = new SynchronousQueue<>();
        Path begun = Files.createTempFile("hangup", ".begun");
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable(request -> {
            try {
                return isolated.call(Pause.class, begun.toString().getBytes(StandardCharsets.UTF_8));
            } catch (InterruptedException e) {
                long now = System.nanoTime();
                gone.put(now);
                throw e;
            }
        })))) {
            for (int i = 0; i < departures; i++) {
                Files.deleteIfExists(begun);
                try (RawClient client = server.connect().get("/")) {
                    while (!Files.exists(begun)) {
                        TimeUnit.MILLISECONDS.sleep(1);
                    }
                    // for the worker to be in native code, and for the one before to be replaced
                    TimeUnit.MILLISECONDS.sleep(100);
                    long left = System.nanoTime();
                    client.leave();
                    millis[i] = (gone.take() - left) / 1e6;
                }
                server.nextEnd();
            }
        } finally {
            Files.deleteIfExists(begun);
        }
        return millis;
    }

    /** The input. */
    static final class Echo implements IsolatedTask {
        @Override
        public byte[] run(byte[] input) {
            return input;
        }
    }

    /** The worker's end. */
    static final class Exit implements IsolatedTask {
        @Override
        public byte[] run(byte[] input) {
            Runtime.getRuntime().halt(1);
            return input;
        }
    }

    /** Makes a file, and waits in native code until a signal comes. */
    static final class Pause implements IsolatedTask {
        @Override
        public byte[] run(byte[] input) throws IOException {
            Linker linker = Linker.nativeLinker();
            MethodHandle pause = linker.downcallHandle(linker.defaultLookup().find("pause").orElseThrow(),
                                                       FunctionDescriptor.of(ValueLayout.JAVA_INT));
            Files.createFile(Path.of(new String(input, StandardCharsets.UTF_8)));
            try {
                int ignored = (int) pause.invokeExact();
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
            return input;
        }
    }
}
