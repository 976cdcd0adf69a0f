package dev.hangup.demo;

import java.util.concurrent.atomic.AtomicBoolean;

import dev.hangup.HangupConfig;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;

/** Logs each decision: which side finished first, and what happened to the other. */
final class DecisionLog implements OutcomeListener {
    private static final System.Logger LOGGER = System.getLogger(DecisionLog.class.getName());

    private final AtomicBoolean explained = new AtomicBoolean();

    private DecisionLog() {
    }

    /** Adds this listener, unless its logger is switched off. */
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
        case REFUSED -> "refused: answered " + end.status();
        case DISCONNECTED -> "the client left first: cancelled the work, which took " + millis(end) + " to stop" + status(end);
        case STALLED -> "the client did not take its response: cancelled the work, which took " + millis(end) + " to stop";
        case DEADLINE_EXCEEDED -> "the deadline passed first: cancelled the work, which took " + millis(end) + " to stop";
        case CANCELLED -> "an operator cancelled the work, which took " + millis(end) + " to stop";
        case SHUTDOWN -> "the server is stopping: cancelled the work, which took " + millis(end) + " to stop";
        };
    }

    /** Explains the status at its first use, since the demo does not use Hangup's default. */
    private String status(RequestEnd end) {
        return end.status() == 503 && !explained.getAndSet(true)
                ? " (the demo sets disconnected-status to 503; the default is 499)"
                : "";
    }

    private static String millis(RequestEnd end) {
        return end.stopping().toNanos() / 10_000 / 100.0 + " ms";
    }
}
