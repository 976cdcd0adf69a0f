package dev.hangup.demo;

import dev.hangup.HangupConfig;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;

/** Says of each race what the post says of its own: who was done first, and what became of the other. */
final class DecisionLog implements OutcomeListener {
    private static final System.Logger LOGGER = System.getLogger(DecisionLog.class.getName());

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
        LOGGER.log(System.Logger.Level.INFO, () -> end.route() + ": " + said(end));
    }

    private static String said(RequestEnd end) {
        return switch (end.outcome()) {
        case COMPLETED, FAILED -> "the work was done first: answered " + end.status();
        case DISCONNECTED -> "the client left first: cancelled the work, which took " + millis(end) + " to stop";
        case DEADLINE_EXCEEDED -> "the deadline passed first: cancelled the work, which took " + millis(end) + " to stop";
        case SHUTDOWN -> "the server is stopping: cancelled the work, which took " + millis(end) + " to stop";
        };
    }

    private static String millis(RequestEnd end) {
        return end.stopping().toNanos() / 10_000 / 100.0 + " ms";
    }
}
