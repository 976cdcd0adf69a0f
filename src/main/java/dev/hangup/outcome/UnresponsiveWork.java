package dev.hangup.outcome;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Cancelled work of a request that still runs; a snapshot. Whatever the client has sent, method, route and peer are printable
 * words, and the thread is a printable line: see {@link dev.hangup.internal.text.Printable}.
 *
 * @param outcome    why it was cancelled
 * @param method     the request's method
 * @param route      the pattern of the route that matched; the raw path if no pattern is known
 * @param peer       the client's address, as in {@link RequestStart#peer()}
 * @param stopping   the time since its cancellation
 * @param thread     its thread, as thread dumps name it: the thread's number, and its name if it has one
 * @param stack      the stack trace of that thread, the innermost call first; empty when the work has ended
 * @param spinsIn    where its thread spun or computed with its interrupt status set when the work was reported: a call that
 *                   returns at once while the status is set ({@code LockSupport.parkNanos}, {@code Selector.select}), or else
 *                   the innermost method of the application; empty if the thread was not seen to do so
 * @param onRoute    how many pieces of that route's work count against {@code max-unresponsive}, including this one unless it has
 *                   ended
 * @param maxOnRoute the number of these at which the route refuses new requests
 */
public record UnresponsiveWork(Outcome outcome, String method, String route, String peer, Duration stopping, String thread,
                               List<StackTraceElement> stack, Optional<String> spinsIn, int onRoute, int maxOnRoute) {
    /** All components are required. */
    public UnresponsiveWork {
        stack = List.copyOf(stack);
    }
}
