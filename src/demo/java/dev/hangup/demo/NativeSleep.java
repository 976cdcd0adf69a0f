package dev.hangup.demo;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

import dev.hangup.Computation;
import dev.hangup.isolated.Isolated;
import dev.hangup.isolated.IsolatedTask;

import io.helidon.json.JsonObject;
import io.helidon.webserver.http.ServerRequest;

/** Runs native code, which no interrupt reaches, in another JVM: it sleeps in C. */
final class NativeSleep implements Computation<JsonObject> {
    private static final System.Logger LOGGER = System.getLogger(NativeSleep.class.getName());
    private static final JsonObject ANSWER = JsonObject.builder()
            .set("msg", "Slept natively")
            .set("success", true)
            .build();

    private final Isolated isolated;

    NativeSleep(Isolated isolated) {
        this.isolated = isolated;
    }

    @Override
    public JsonObject compute(ServerRequest request) throws Exception {
        long nanos = Seconds.of(request.query()).toNanos();
        String path = request.path().path();
        LOGGER.log(System.Logger.Level.INFO, path + ": sleeping natively for " + seconds(nanos));
        long start = System.nanoTime();
        try {
            isolated.call(Task.class, ByteBuffer.allocate(Long.BYTES).putLong(nanos).array());
        } catch (InterruptedException e) {
            LOGGER.log(System.Logger.Level.WARNING, path + ": killed after " + seconds(System.nanoTime() - start));
            throw e;
        }
        LOGGER.log(System.Logger.Level.INFO, path + ": success, slept natively for " + seconds(System.nanoTime() - start));
        return ANSWER;
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }

    /** Calls {@code nanosleep(2)} with the given number of nanoseconds. */
    static final class Task implements IsolatedTask {
        @Override
        public byte[] run(byte[] nanos) {
            Linker linker = Linker.nativeLinker();
            MethodHandle nanosleep = linker.downcallHandle(
                    linker.defaultLookup().find("nanosleep").orElseThrow(),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
            long time = ByteBuffer.wrap(nanos).getLong();
            long second = TimeUnit.SECONDS.toNanos(1);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment timespec = arena.allocate(2 * Long.BYTES, Long.BYTES);
                timespec.set(ValueLayout.JAVA_LONG, 0, time / second);
                timespec.set(ValueLayout.JAVA_LONG, Long.BYTES, time % second);
                if ((int) nanosleep.invokeExact(timespec, MemorySegment.NULL) != 0) {
                    throw new IllegalStateException("The sleep was cut short");
                }
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
            return new byte[0];
        }
    }
}
