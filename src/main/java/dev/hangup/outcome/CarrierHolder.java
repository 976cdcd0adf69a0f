package dev.hangup.outcome;

import java.time.Duration;
import java.util.List;

/**
 * A request that was seen to hold a carrier thread.
 *
 * @param id      the request's number under Hangup; 0 for a request that does not run under it
 * @param request its method and route, or the client's address, as far as known. Always a printable line, whatever the client
 *                has sent
 * @param elapsed the time since the end of its headers
 * @param thread  the virtual thread that holds the carrier, as thread dumps name it
 * @param stack   the stack trace of that thread, the innermost call first
 */
public record CarrierHolder(long id, String request, Duration elapsed, String thread, List<StackTraceElement> stack) {
    /** All components are required. */
    public CarrierHolder {
        stack = List.copyOf(stack);
    }
}
