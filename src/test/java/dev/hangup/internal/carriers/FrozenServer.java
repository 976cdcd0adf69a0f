package dev.hangup.internal.carriers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

import dev.hangup.Hangup;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Transport;

import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;

/**
 * A server whose handlers hold their carriers, in a JVM of its own. It says on standard output where it listens, and then what
 * happens: {@code started}, {@code interrupted} and {@code ended}, each with the kind of work; and {@code answered}, for a trivial
 * request.
 */
final class FrozenServer {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final MethodHandle USLEEP = usleep();

    private FrozenServer() {
    }

    /** In the other JVM. */
    public static void main(String[] arguments) {
        boolean guard = !"false".equals(System.getProperty("carrier-guard"));
        int max = Integer.getInteger("max-carriers", CarrierGuard.defaultMax());
        TestServer server = TestServer.start(Transport.valueOf(arguments[0]), hangup -> hangup
                .unresponsiveAfter(Duration.ofSeconds(1))
                .carrierGuard(guard)
                .maxCarriers(max)
                .deadline(Duration.ofMinutes(5))
                .addListener(end -> { }), FrozenServer::mount);
        sleepNatively(1);
        System.out.println("port " + server.port());
        // the JVM ends with the one that has started it
        try {
            while (System.in.read() >= 0) {
                // nothing is said
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        System.exit(0);
    }

    private static void mount(HttpRouting.Builder routing) {
        routing.get("/trivial", (request, response) -> {
            say("answered");
            response.send("trivial");
        });
        routing.get("/guard", (request, response) -> response.send(guard()));
        routing.get("/set", (request, response) -> {
            JdkScheduler.find().orElseThrow().parallelism(Integer.parseInt(request.query().get("carriers")));
            response.send("set");
        });
        routing.get("/sleep", Hangup.cancellable(request -> {
            TimeUnit.MINUTES.sleep(1);
            return "";
        }));
        mount(routing, "loop", request -> {
            long end = end(request);
            while (System.nanoTime() < end) {
                if (Thread.interrupted()) {
                    say("interrupted loop");
                    return;
                }
            }
        });
        mount(routing, "deaf", request -> {
            long end = end(request);
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
        });
        mount(routing, "native", request -> sleepNatively(Math.max(0, end(request) - System.nanoTime()) / 1000));
        mount(routing, "patient", request -> {
            long end = end(request);
            while (System.nanoTime() < end) {
                LockSupport.parkNanos(end - System.nanoTime());
            }
        });
        mount(routing, "select", request -> {
            long end = end(request);
            try (Selector selector = Selector.open()) {
                while (System.nanoTime() < end) {
                    selector.select(Math.max(1, (end - System.nanoTime()) / 1_000_000));
                }
            }
        });
        mount(routing, "init", request -> Slow.touch());
        mount(routing, "synchronized", request -> {
            Object own = new Object();
            synchronized (own) {
                TimeUnit.NANOSECONDS.sleep(Math.max(0, end(request) - System.nanoTime()));
            }
        });
        mount(routing, "parallel", request -> {
            long end = end(request);
            while (System.nanoTime() < end && !Thread.interrupted()) {
                IntStream.range(0, 1000).parallel().mapToDouble(Math::sqrt).sum();
            }
        });
        mount(routing, "copy", request -> {
            Path from = Files.createTempFile("hangup", ".copy");
            Path to = Files.createTempFile("hangup", ".copy");
            try {
                Files.write(from, new byte[32 * 1024 * 1024]);
                long end = end(request);
                while (System.nanoTime() < end && !Thread.interrupted()) {
                    Files.write(to, Files.readAllBytes(from));
                }
            } finally {
                Files.delete(from);
                Files.delete(to);
            }
        });
    }

    private static void mount(HttpRouting.Builder routing, String kind, Work work) {
        Handler handler = (request, response) -> {
            say("started " + kind);
            try {
                work.run(request);
                response.send(kind);
            } finally {
                say("ended " + kind);
            }
        };
        routing.get("/" + kind, Hangup.cancellable(handler));
        routing.get("/bare/" + kind, handler);
    }

    private static long end(ServerRequest request) {
        return System.nanoTime() + (long) (1e9 * Double.parseDouble(request.query().get("seconds")));
    }

    /** Holds its carrier without using a processor. */
    private static void sleepNatively(long micros) {
        try {
            int ignored = (int) USLEEP.invokeExact((int) micros);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Linked before the first request: for threads that wait for each other's class initialisers, the JDK may add carriers. */
    private static MethodHandle usleep() {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().find("usleep").orElseThrow(),
                                     FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    }

    private static void say(String event) {
        System.out.println(event);
    }

    /** What is known of the guard: carriers, waits of its thread, its CPU time in nanoseconds, requests in flight, pool size. */
    private static String guard() {
        ThreadInfo thread = Arrays.stream(THREADS.getThreadInfo(THREADS.getAllThreadIds()))
                .filter(it -> it != null && it.getThreadName().equals("hangup-carrier-guard"))
                .findFirst()
                .orElse(null);
        OptionalInt carriers = CarrierGuard.carriers();
        return carriers.orElse(-1) + " " + (thread == null ? -1 : thread.getWaitedCount())
                + " " + (thread == null ? -1 : THREADS.getThreadCpuTime(thread.getThreadId()))
                + " " + CarrierGuard.requestsInFlight()
                + " " + JdkScheduler.find().map(Scheduler::parallelism).orElse(-1)
                + " " + CarrierGuard.frozenMillis();
    }

    private interface Work {
        void run(ServerRequest request) throws Exception;
    }

    /** Whoever needs it first initialises it, and holds its carrier meanwhile: a native frame is below. */
    private static final class Slow {
        static {
            try {
                TimeUnit.SECONDS.sleep(Long.getLong("init-seconds", 3));
            } catch (InterruptedException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        static void touch() {
        }
    }
}
