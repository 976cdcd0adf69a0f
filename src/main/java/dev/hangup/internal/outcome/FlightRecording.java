package dev.hangup.internal.outcome;

import java.util.List;

import dev.hangup.outcome.CarrierReport;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;

/**
 * Records each request that did not complete as {@code dev.hangup.RequestNotCompleted}, and each action against frozen carriers
 * as {@code dev.hangup.FrozenCarriers}, while a recording is running.
 */
public final class FlightRecording implements OutcomeListener {
    private FlightRecording() {
    }

    /**
     * Returns the listener if this JVM has Flight Recorder.
     *
     * @return one listener; none if the module {@code jdk.jfr} is missing
     */
    public static List<OutcomeListener> ifSupported() {
        return ModuleLayer.boot().findModule("jdk.jfr").isPresent() ? List.of(new FlightRecording()) : List.of();
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
}
