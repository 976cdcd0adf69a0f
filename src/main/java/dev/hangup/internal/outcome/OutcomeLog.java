package dev.hangup.internal.outcome;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import dev.hangup.outcome.CarrierHolder;
import dev.hangup.outcome.CarrierReport;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.outcome.RequestStart;
import dev.hangup.outcome.UnresponsiveWork;
import dev.hangup.outcome.WorkFailure;

/**
 * Logs every request that did not complete, on one line; what cancelled work throws of its own, and unresponsive work, with the
 * stack; and frozen carriers. Requests that were refused because of what their clients had done are not logged: there may be very
 * many, and the limiter that refuses them logs that once.
 */
public final class OutcomeLog implements OwnListener {
    private static final System.Logger LOGGER = System.getLogger("dev.hangup");
    private static final int FRAMES = 50;
    private static final String SPINS = " with its interrupt status set. While that is set, LockSupport.park, Selector.select and"
            + " Thread.onSpinWait return at once. Wait with Thread.sleep or a timed poll, which throw InterruptedException; end a"
            + " loop that computes when Thread.interrupted()";

    @Override
    public void completed(long id, String route, boolean matched, long nanos) {
        // not logged
    }

    @Override
    public void ended(RequestEnd end) {
        if (end.outcome() == Outcome.COMPLETED || end.outcome() == Outcome.REFUSED && end.status() < 500) {
            return;
        }
        String stopping = end.outcome().stopped()
                ? " stopping=" + millis(end.stopping().toNanos()) + " thread=" + end.thread()
                : "";
        LOGGER.log(System.Logger.Level.INFO, end.outcome().text() + " " + end.method() + " " + end.route() + " id=" + end.id()
                + " peer=" + end.peer() + " status=" + end.status()
                + " elapsed=" + millis(end.elapsed().toNanos()) + stopping);
        end.thrown().forEach(it -> threw(end.decision().request(), end.outcome(), it));
    }

    @Override
    public void threw(WorkFailure failure) {
        threw(failure.request(), failure.outcome(), failure.thrown());
    }

    private static void threw(RequestStart request, Outcome outcome, Throwable thrown) {
        System.Logger.Level level = CancellationEffect.hasError(thrown) ? System.Logger.Level.ERROR : System.Logger.Level.WARNING;
        String entry = "threw " + request.method() + " " + request.route() + " id=" + request.id() + " peer=" + request.peer()
                + " outcome=" + outcome.text();
        try {
            LOGGER.log(level, entry, thrown);
        } catch (Throwable e) {
            // thousands of causes, or a method of the exception that fails in any way: the log cannot print it
            LOGGER.log(level, entry + " exception=" + thrown.getClass().getName());
        }
    }

    @Override
    public void unresponsive(UnresponsiveWork work) {
        StringBuilder entry = new StringBuilder("unresponsive ").append(fields(work));
        work.spinsIn().ifPresent(it -> entry.append("\n\tspins or computes in ").append(it).append(SPINS));
        work.stack().stream().limit(FRAMES).forEach(frame -> entry.append("\n\tat ").append(frame));
        if (work.stack().size() > FRAMES) {
            entry.append("\n\t... ").append(work.stack().size() - FRAMES).append(" more");
        }
        LOGGER.log(System.Logger.Level.WARNING, entry.toString());
    }

    @Override
    public void unresponsiveEnded(UnresponsiveWork work) {
        LOGGER.log(System.Logger.Level.INFO, "unresponsive-ended " + fields(work));
    }

    @Override
    public void carriers(CarrierReport report) {
        String fields = "carriers-" + report.event().text() + " carriers=" + report.carriers() + " usual=" + report.usual()
                + " max=" + report.max() + " frozen=" + millis(report.frozen().toNanos());
        switch (report.event()) {
        // not a warning: a busy machine delays virtual threads as well, and the carriers are removed soon
        case ADDED -> LOGGER.log(System.Logger.Level.INFO, fields + " held-by=" + heldBy(report.heldBy()));
        case EXHAUSTED -> LOGGER.log(System.Logger.Level.WARNING, fields + " held-by=" + heldBy(report.heldBy()));
        case OVER -> LOGGER.log(System.Logger.Level.INFO, fields + " elapsed=" + millis(report.elapsed().toNanos()));
        case CHANGED -> { }
        }
    }

    /** The holders of carriers, on one line. */
    static String heldBy(List<CarrierHolder> holders) {
        return holders.isEmpty() ? "unknown" : holders.stream().map(OutcomeLog::holder).collect(Collectors.joining("; "));
    }

    private static String holder(CarrierHolder holder) {
        return (holder.id() == 0 ? "" : "id=" + holder.id() + " ") + holder.request()
                + " elapsed=" + millis(holder.elapsed().toNanos()) + " thread=" + holder.thread()
                + (holder.stack().isEmpty() ? "" : " at " + holder.stack().getFirst());
    }

    private static String fields(UnresponsiveWork work) {
        return work.method() + " " + work.route() + " peer=" + work.peer() + " outcome=" + work.outcome().text()
                + " stopping=" + millis(work.stopping().toNanos()) + " on-route=" + work.onRoute()
                + " max=" + work.maxOnRoute() + " thread=" + work.thread();
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.1fms", nanos / 1e6);
    }
}
