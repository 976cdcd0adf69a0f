package dev.hangup.internal.http2;

import java.time.Duration;

import dev.hangup.internal.time.Timer;

/**
 * Ends waits in Helidon's code that only an interrupt can end. A thread is interrupted only if its stack shows that it is in such a
 * wait. There are two.
 * <p>
 * The first is the wait for a body whose connection has ended. Helidon notifies nobody of that end, so both handlers and Helidon's
 * own code after them wait for ever ({@code Http2ServerStream.readEntityFromPipeline} of 4.5.0), and so does its code that discards
 * what a failed handler has not read. Nothing but another interrupt can end that wait meanwhile, so the interrupt reaches no other
 * code.
 * <p>
 * The second is the wait for the window of a stream that was reset. Helidon is not notified of the reset of a stream that it has
 * read to its end ({@link Http2Exchange#needsReset}), so it waits until its {@code flow-control-timeout} ({@code
 * WindowSizeImpl.Outbound.blockTillUpdate}). {@link FrameWriter#endWait} keeps the interrupt from other code.
 */
final class EndlessWait {
    private static final String STREAM = "io.helidon.webserver.http2.Http2ServerStream";
    private static final String READ = "readEntityFromPipeline";
    private static final String WINDOW = "io.helidon.http.http2.WindowSizeImpl$Outbound";
    private static final String BLOCK = "blockTillUpdate";
    private static final Duration FIRST_LOOK_AFTER = Duration.ofMillis(20);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private EndlessWait() {
    }

    /** Ends the waits of a stream whose connection has ended, those to come as well, until its threads have ended. */
    static void end(Http2Exchange stream) {
        lookLater(stream, FIRST_LOOK_AFTER);
    }

    /** Whether a thread waits for its client to open a window. */
    static boolean isForWindow(Thread thread) {
        return thread.getState() == Thread.State.TIMED_WAITING && waitsIn(WINDOW, BLOCK, "tryAcquire", thread.getStackTrace());
    }

    /** Whether a thread waits for the body of its stream. */
    static boolean isForBody(Thread thread) {
        return thread.getState() == Thread.State.WAITING && waitsIn(STREAM, READ, "take", thread.getStackTrace());
    }

    private static void lookLater(Http2Exchange stream, Duration pause) {
        Timer.after(pause, () -> look(stream, pause));
    }

    private static void look(Http2Exchange stream, Duration pause) {
        Thread thread = stream.thread();
        if (thread == null || stream.isEndDelivered()) {
            return;
        }
        end(thread);
        Thread reader = stream.bodyReader();
        if (reader != null && reader != thread) {
            end(reader);
        }
        // handlers that do not read may run for hours
        Duration longer = pause.multipliedBy(2);
        lookLater(stream, longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE);
    }

    private static void end(Thread thread) {
        if (isForBody(thread)) {
            thread.interrupt();
        }
    }

    private static boolean waitsIn(String type, String method, String called, StackTraceElement[] stack) {
        for (int i = 1; i < stack.length; i++) {
            if (stack[i].getClassName().equals(type) && stack[i].getMethodName().equals(method)) {
                return stack[i - 1].getMethodName().equals(called);
            }
        }
        return false;
    }
}
