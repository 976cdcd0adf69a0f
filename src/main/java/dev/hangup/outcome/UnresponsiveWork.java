package dev.hangup.outcome;

import java.time.Duration;
import java.util.List;

/**
 * Work of a request that was cancelled and goes on, as it was at one moment. Method, route and peer are printable words, the
 * thread is a printable line, whatever the client has sent: see {@link dev.hangup.internal.text.Printable}.
 *
 * @param outcome    why it was cancelled
 * @param method     the request's method
 * @param route      the pattern of the route that matched; the raw path where no pattern is known
 * @param peer       the client's address, as of {@link RequestStart#peer()}
 * @param stopping   for how long it has been cancelled
 * @param thread     the thread that it is on, as thread dumps name it: its number, and its name if it has one
 * @param stack      where that thread is, the innermost call first; empty when the work has ended
 * @param onRoute    how many pieces of work are unresponsive on that route, this one among them unless it has ended
 * @param maxOnRoute with how many of these the route takes no new requests
 */
public record UnresponsiveWork(Outcome outcome, String method, String route, String peer, Duration stopping, String thread,
                               List<StackTraceElement> stack, int onRoute, int maxOnRoute) {
    /** All components are required. */
    public UnresponsiveWork {
        stack = List.copyOf(stack);
    }
}
