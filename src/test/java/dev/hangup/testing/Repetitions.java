package dev.hangup.testing;

/**
 * How often stress tests repeat what they do: a few times, since a build is waited for, or with {@code -Dhangup.stress=full}
 * as often as it takes to hit a race that is rarely lost. {@code .ci/run} does so on one JDK.
 */
public final class Repetitions {
    private static final boolean FULL = "full".equals(System.getProperty("hangup.stress"));

    private Repetitions() {
    }

    /** How often. */
    public static int of(int few, int full) {
        return FULL ? full : few;
    }

    /** As a property says, if it is set. */
    public static int of(String property, int few, int full) {
        return Integer.getInteger(property, of(few, full));
    }
}
