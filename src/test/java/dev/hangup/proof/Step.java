package dev.hangup.proof;

/** What a request's work does. It does its steps in order. */
sealed interface Step {
    /** Reads that many more bytes of the body; at its end, sees that it is the end. */
    record Read(int bytes) implements Step {
    }

    /** Writes the whole answer. */
    record Send() implements Step {
    }

    /** Writes that many more bytes of the answer to its stream. */
    record Write(int bytes, boolean flush) implements Step {
    }

    /** Waits for an event that comes. */
    record Wait(int micros) implements Step {
    }

    /** Computes, and looks at its interrupt flag now and then. */
    record Compute(int micros) implements Step {
    }

    /** Does so, or waits, until it is interrupted. */
    record GoOn(boolean computing) implements Step {
    }
}
