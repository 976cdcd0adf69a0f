package dev.hangup.client;

import java.util.Optional;
import java.util.function.BiConsumer;

import dev.hangup.Deadline;
import dev.hangup.internal.race.OffThreadTask;

/**
 * Propagates the deadline of the current request to the services that it calls, in the header {@link Deadline#HEADER}. A called
 * service under Hangup then cancels its work no later than this service would. It can propagate its own, shorter deadline in
 * turn. One line suffices for any client:
 * {@snippet :
 * HttpRequest.Builder call = HttpRequest.newBuilder(uri);
 * OutgoingDeadline.propagate(call::setHeader);
 * }
 * For all calls of a Helidon {@code WebClient}, use {@code addService(new DeadlineService())}.
 * <p>
 * The header carries the time that is left when it is set, so set it last. A disconnect is not propagated by a header. It
 * interrupts the work, and the interrupted call must close its connection; the called service notices that.
 */
public final class OutgoingDeadline {
    private OutgoingDeadline() {
    }

    /**
     * Sets the header of a call that is about to be made, if the calling thread works for a request under Hangup.
     *
     * @param headers sets a header, given its name and its value, in place of any earlier value; called at most once
     * @throws InterruptedException if the call should not be made, because no time is left, the request is cancelled or the
     *                              thread is interrupted; the interrupt status is cleared
     */
    public static void propagate(BiConsumer<? super String, ? super String> headers) throws InterruptedException {
        Optional<String> millis = millis();
        millis.ifPresent(it -> headers.accept(Deadline.HEADER, it));
    }

    /**
     * Returns the value of the header, for clients that set headers in another way.
     *
     * @return whole milliseconds, at least one; empty if there is no deadline
     * @throws InterruptedException as with {@link #propagate}
     */
    public static Optional<String> millis() throws InterruptedException {
        OffThreadTask.ensureNotCancelled();
        // rounded down, so that the callee gets no more time than is left, but at least 1 ms, since some is left
        return Deadline.current().map(it -> String.valueOf(Math.max(1, it.remaining().toMillis())));
    }
}
