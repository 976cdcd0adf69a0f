package dev.hangup.outcome;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What the guard against frozen carriers has done. Virtual threads share a few carrier threads; while each of these is held by a
 * virtual thread that computes or is pinned, no other virtual thread of the JVM runs, so the guard adds carriers.
 *
 * @param event    what happened
 * @param carriers how many carriers there may be now
 * @param usual    how many there are usually
 * @param max      how many the guard may go up to
 * @param elapsed  since the first carrier was added
 * @param frozen   for how long no virtual thread came to run, since then and before it
 * @param heldBy   requests that hold carriers, as far as they are known, the oldest first; of {@link Event#CHANGED} and
 *                 {@link Event#OVER} none
 */
public record CarrierReport(Event event, int carriers, int usual, int max, Duration elapsed, Duration frozen,
                            List<CarrierHolder> heldBy) {
    /** All components are required. */
    public CarrierReport {
        heldBy = List.copyOf(heldBy);
    }

    /**
     * The same, with what holds carriers.
     *
     * @param holders requests
     * @return another report
     */
    public CarrierReport withHeldBy(List<CarrierHolder> holders) {
        return new CarrierReport(event, carriers, usual, max, elapsed, frozen, holders);
    }

    /** What happened. */
    public enum Event {
        /** All carriers were held, and the guard began to add more. */
        ADDED,
        /** Their number changed once more. */
        CHANGED,
        /** There are as many as there may be, and all are held: other virtual threads wait. */
        EXHAUSTED,
        /** There are as many as usual again. */
        OVER;

        private final String text = name().toLowerCase(Locale.ROOT);

        /**
         * The event as logs spell it.
         *
         * @return lower case
         */
        public String text() {
            return text;
        }
    }
}
