package dev.hangup.internal.outcome;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.Collectors;

import dev.hangup.outcome.CarrierReport;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.outcome.WorkFailure;

/**
 * Records each request that did not complete as {@code dev.hangup.RequestNotCompleted}, what work throws when no request waits
 * for it any more as {@code dev.hangup.WorkFailed}, and each action against frozen carriers as {@code dev.hangup.FrozenCarriers},
 * while a recording is running.
 */
public final class FlightRecording implements OwnListener {
    /** The maximum number of characters of one stack trace; a StackOverflowError has about 100,000. */
    private static final int MAX_STACK = 32 * 1024;

    private FlightRecording() {
    }

    /** The listener, unless this JVM lacks Flight Recorder, the module {@code jdk.jfr}. */
    public static List<OwnListener> ifSupported() {
        return ModuleLayer.boot().findModule("jdk.jfr").isPresent() ? List.of(new FlightRecording()) : List.of();
    }

    @Override
    public void completed(long id, String route, boolean matched, long nanos) {
        // not recorded
    }

    @Override
    public void ended(RequestEnd end) {
        if (end.outcome() == Outcome.COMPLETED) {
            return;
        }
        RequestNotCompleted event = new RequestNotCompleted();
        if (!event.shouldCommit()) {
            return;
        }
        event.outcome = end.outcome().text();
        event.method = end.method();
        event.route = end.route();
        event.id = end.id();
        event.peer = end.peer();
        event.status = end.status();
        event.at = end.decision().request().at().toEpochMilli();
        event.elapsed = end.elapsed().toNanos();
        event.stopping = end.stopping().toNanos();
        event.thread = end.thread();
        event.thrown = end.thrown().stream().map(FlightRecording::stack).collect(Collectors.joining());
        event.commit();
    }

    @Override
    public void threw(WorkFailure failure) {
        WorkFailed event = new WorkFailed();
        if (!event.shouldCommit()) {
            return;
        }
        event.outcome = failure.outcome().text();
        event.method = failure.request().method();
        event.route = failure.request().route();
        event.id = failure.request().id();
        event.peer = failure.request().peer();
        event.at = failure.at().toEpochMilli();
        event.thrown = stack(failure.thrown());
        event.commit();
    }

    @Override
    public void carriers(CarrierReport report) {
        FrozenCarriers event = new FrozenCarriers();
        if (!event.shouldCommit()) {
            return;
        }
        event.event = report.event().text();
        event.carriers = report.carriers();
        event.usual = report.usual();
        event.max = report.max();
        event.elapsed = report.elapsed().toNanos();
        event.frozen = report.frozen().toNanos();
        event.heldBy = OutcomeLog.heldBy(report.heldBy());
        event.commit();
    }

    /** The stack trace as a log prints it, its causes included. */
    private static String stack(Throwable thrown) {
        StringWriter stack = new StringWriter();
        try {
            thrown.printStackTrace(new PrintWriter(stack));
        } catch (Throwable e) {
            // as in OutcomeLog
            return thrown.getClass().getName() + "\n";
        }
        return stack.getBuffer().length() <= MAX_STACK ? stack.toString() : stack.getBuffer().substring(0, MAX_STACK) + "...\n";
    }
}
