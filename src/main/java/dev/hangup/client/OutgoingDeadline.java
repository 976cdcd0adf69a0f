package dev.hangup.client;

import java.util.Optional;
import java.util.function.BiConsumer;

import dev.hangup.Deadline;
import dev.hangup.internal.race.OffThreadTask;

/**
 * Hands the deadline of the current request on to the services that it calls, as {@link Deadline#HEADER}. A service under
 * Hangup stops its work then no later than this one would, and tells those that it calls in turn: each has less than the
 * one before. One line for any client:
 * {@snippet :
 * HttpRequest.Builder call = HttpRequest.newBuilder(uri);
 * OutgoingDeadline.propagate(call::header);
 * }
 * and for all calls of a {@code WebClient} of Helidon's, {@code addService(new DeadlineService())}.
 * <p>
 * What is told is the time that is left when it is told: tell it last. A client that leaves is not told of in words: its
 * work is interrupted, which has to close the connection of the call; the other side notices that.
 */
public final class OutgoingDeadline {
    private OutgoingDeadline() {
    }

    /**
     * Sets the header of a call that is about to be made, if the calling thread works for a request that has a deadline.
     *
     * @param headers sets a header, given its name and its value; called once or not at all
     * @throws InterruptedException if the call need not be made: no time is left, the request is being stopped, or the
     *                              thread is interrupted; the interrupt status is cleared
     */
    public static void propagate(BiConsumer<? super String, ? super String> headers) throws InterruptedException {
        Optional<String> millis = millis();
        millis.ifPresent(it -> headers.accept(Deadline.HEADER, it));
    }

    /**
     * The value of the header, for clients that want it in another way.
     *
     * @return whole milliseconds, at least one; empty if there is no deadline
     * @throws InterruptedException as with {@link #propagate}
     */
    public static Optional<String> millis() throws InterruptedException {
        OffThreadTask.ensureNotCancelled();
        // rounded down, so that nobody gets more than there is; but there is some
        return Deadline.current().map(it -> String.valueOf(Math.max(1, it.remaining().toMillis())));
    }
}
