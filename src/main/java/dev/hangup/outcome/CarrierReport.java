package dev.hangup.outcome;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * A report of the carrier guard. Virtual threads share a few carrier threads. While virtual threads that compute or are pinned
 * hold all carriers, no other virtual thread of the JVM runs, so the guard adds carriers.
 *
 * @param event    what happened
 * @param carriers the number of carriers allowed now
 * @param usual    the usual number of carriers
 * @param max      the largest number that the guard may set
 * @param elapsed  the time since the first carrier was added
 * @param frozen   how long no virtual thread could run, in that time and before it
 * @param heldBy   requests known to hold carriers, the oldest first; empty for {@link Event#CHANGED} and {@link Event#OVER}
 */
public record CarrierReport(Event event, int carriers, int usual, int max, Duration elapsed, Duration frozen,
                            List<CarrierHolder> heldBy) {
    /** All components are required. */
    public CarrierReport {
        heldBy = List.copyOf(heldBy);
    }

    /** The kind of a report. */
    public enum Event {
        /** All carriers were held, and the guard began to add more. */
        ADDED,
        /** The number of carriers changed again. */
        CHANGED,
        /** The maximum is reached and all carriers are held: other virtual threads wait. */
        EXHAUSTED,
        /** The number of carriers is back to its usual value. */
        OVER;

        private final String text = name().toLowerCase(Locale.ROOT);

        /** {@return the event as it is spelt in logs, in lower case} */
        public String text() {
            return text;
        }
    }
}
