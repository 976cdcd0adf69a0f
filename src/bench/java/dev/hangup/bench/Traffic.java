package dev.hangup.bench;

import java.io.IOException;
import java.util.Random;

/** A kind of traffic for the {@link Soak}. */
interface Traffic {
    /**
     * One client's visit, from its connection to its leaving.
     *
     * @param random decides what it does
     * @throws IOException if the client was not treated as it must be
     */
    void visit(Random random) throws IOException;
}
