package dev.hangup.internal.outcome;

import java.util.ArrayList;
import java.util.List;

import dev.hangup.internal.carriers.RunningRequests;
import dev.hangup.outcome.CarrierReport;
import dev.hangup.outcome.OutcomeListener;

/**
 * Reports the actions of the guard against frozen carriers: to the log and Flight Recorder once per JVM, and to the listeners of
 * each server. Reporting uses a separate platform thread, since logging may wait for a lock whose owner is a virtual thread that
 * cannot run.
 *
 * @param listeners those of one server, of which only the listeners of the application are notified
 */
public record CarrierReporter(Listeners listeners) {
    private static final EventDispatcher REPORTER = new EventDispatcher("hangup-carriers");
    private static final List<OutcomeListener> JVM = jvm();
    /** The guard's latest report, and the same report as published. Owned by the reporting thread. */
    private static CarrierReport latest;
    private static CarrierReport published;

    /** Neither waits nor throws. The guard passes each report to the reporter of each server. */
    public void report(CarrierReport report) {
        REPORTER.dispatch(() -> {
            if (report != latest) {
                published = complete(report);
                latest = report;
                JVM.forEach(it -> Listeners.deliver(it, listener -> listener.carriers(published)));
            }
            CarrierReport event = published;
            listeners.publishToSubscribers(listener -> listener.carriers(event));
        });
    }

    private static CarrierReport complete(CarrierReport report) {
        return switch (report.event()) {
            case ADDED, EXHAUSTED -> new CarrierReport(report.event(), report.carriers(), report.usual(), report.max(),
                                                       report.elapsed(), report.frozen(), RunningRequests.holders());
            case CHANGED, OVER -> report;
        };
    }

    private static List<OutcomeListener> jvm() {
        List<OutcomeListener> all = new ArrayList<>();
        all.add(new OutcomeLog());
        all.addAll(FlightRecording.ifSupported());
        return all;
    }
}
