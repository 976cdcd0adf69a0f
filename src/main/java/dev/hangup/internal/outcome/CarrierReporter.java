package dev.hangup.internal.outcome;

import java.util.ArrayList;
import java.util.List;

import dev.hangup.internal.carriers.RunningRequests;
import dev.hangup.outcome.CarrierReport;
import dev.hangup.outcome.OutcomeListener;

/**
 * Reports what the guard against frozen carriers does: to log and Flight Recorder once for the JVM, and to the listeners of each
 * server. On a thread of its own, since a log may wait for a lock whose owner is a virtual thread that does not run.
 */
public final class CarrierReporter {
    private static final EventDispatcher REPORTER = new EventDispatcher("hangup-carriers");
    private static final List<OutcomeListener> JVM = jvm();
    /** The guard's latest report, and the same as it was published. Owned by the reporting thread. */
    private static CarrierReport latest;
    private static CarrierReport published;

    private final Listeners listeners;

    /**
     * For one server.
     *
     * @param listeners those of the application are told
     */
    public CarrierReporter(Listeners listeners) {
        this.listeners = listeners;
    }

    /** Neither waits nor throws. The guard hands each report to each server's. */
    public void report(CarrierReport report) {
        REPORTER.dispatch(() -> {
            if (report != latest) {
                latest = report;
                published = switch (report.event()) {
                    case ADDED, EXHAUSTED -> report.withHeldBy(RunningRequests.holders());
                    case CHANGED, OVER -> report;
                };
                JVM.forEach(it -> it.carriers(published));
            }
            CarrierReport event = published;
            listeners.publishToSubscribers(listener -> listener.carriers(event));
        });
    }

    private static List<OutcomeListener> jvm() {
        List<OutcomeListener> all = new ArrayList<>();
        all.add(new OutcomeLog());
        all.addAll(FlightRecording.ifSupported());
        return all;
    }
}
