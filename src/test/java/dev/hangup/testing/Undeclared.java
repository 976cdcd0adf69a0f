package dev.hangup.testing;

/** Throws exceptions that are not declared, as code in other languages does. */
public final class Undeclared {
    private Undeclared() {
    }

    /** Throws it. */
    public static void raise(Throwable thrown) {
        Undeclared.<RuntimeException>sneak(thrown);
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void sneak(Throwable thrown) throws E {
        throw (E) thrown;
    }
}
