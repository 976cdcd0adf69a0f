package dev.hangup.race;

import java.util.Locale;

import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;

/** Logs every request that did not complete, one line each. */
public final class OutcomeLog implements OutcomeListener {
    private static final System.Logger LOGGER = System.getLogger("dev.hangup");

    @Override
    public void ended(RequestEnd end) {
        if (end.outcome() == Outcome.COMPLETED) {
            return;
        }
        String stopping = end.outcome().stopped() ? " stopping=" + millis(end.stopping().toNanos()) : "";
        LOGGER.log(System.Logger.Level.INFO, end.outcome().text() + " " + end.method() + " " + end.route()
                + " peer=" + end.peer() + " status=" + end.status()
                + " elapsed=" + millis(end.elapsed().toNanos()) + stopping);
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.1fms", nanos / 1e6);
    }
}
