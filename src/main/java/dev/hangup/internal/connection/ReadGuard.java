package dev.hangup.internal.connection;

import java.io.IOException;

/** Decides whether a thread may read the body of a request, and whether what it has read counts. */
public interface ReadGuard {
    /** Guards the body of a request that is over: no thread may read it. */
    ReadGuard OVER = new ReadGuard() {
        @Override
        public void begins() throws IOException {
            throw new RequestOverException();
        }

        @Override
        public void ends() {
        }

        @Override
        public void ensureWanted(boolean mayWait) {
        }
    };

    /**
     * Called on the reading thread before each read; {@link #ends} must follow if this method returns.
     *
     * @throws IOException if this thread may not read
     */
    void begins() throws IOException;

    /** Called when the read has returned or thrown. */
    void ends();

    /**
     * Called after a read that has returned.
     *
     * @param mayWait whether the read may have waited for the client, and lost an interrupt
     * @throws IOException if the work has lost, so that what was read may be less than was sent
     */
    void ensureWanted(boolean mayWait) throws IOException;
}
