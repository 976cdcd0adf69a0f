package dev.hangup.demo;

import java.util.concurrent.atomic.AtomicBoolean;

import dev.hangup.HangupConfig;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;

/** Says of each race what the post says of its own: who was done first, and what became of the other. */
final class DecisionLog implements OutcomeListener {
    private static final System.Logger LOGGER = System.getLogger(DecisionLog.class.getName());

    private final AtomicBoolean explained = new AtomicBoolean();

    private DecisionLog() {
    }

    /** Adds it, unless what it says is not logged. */
    static void listen(HangupConfig.Builder hangup) {
        if (LOGGER.isLoggable(System.Logger.Level.INFO)) {
            hangup.addListener(new DecisionLog());
        }
    }

    @Override
    public void ended(RequestEnd end) {
        LOGGER.log(System.Logger.Level.INFO, () -> "demo: " + end.route() + ": " + said(end));
    }

    private String said(RequestEnd end) {
        return switch (end.outcome()) {
        case COMPLETED, FAILED -> "the work was done first: answered " + end.status();
        case REFUSED -> "refused before its work began: answered " + end.status();
        case DISCONNECTED -> "the client left first: cancelled the work, which took " + millis(end) + " to stop" + status(end);
        case DEADLINE_EXCEEDED -> "the deadline passed first: cancelled the work, which took " + millis(end) + " to stop";
        case CANCELLED -> "an operator cancelled the work, which took " + millis(end) + " to stop";
        case SHUTDOWN -> "the server is stopping: cancelled the work, which took " + millis(end) + " to stop";
        };
    }

    /** Where it surprises first: Hangup's default is 499, the demo has the status of the post. */
    private String status(RequestEnd end) {
        return end.status() == 503 && !explained.getAndSet(true)
                ? " (the status 503 is the post's; disconnected-status is 499 by default)"
                : "";
    }

    private static String millis(RequestEnd end) {
        return end.stopping().toNanos() / 10_000 / 100.0 + " ms";
    }
}
