package dev.hangup.connection;

import java.util.Map;

import dev.hangup.outcome.Outcome;

/** A permit that an HTTP/2 stream asks for on its thread, before anyone can tell which stream that is. */
final class Http2Permit implements WatchedLimit.Permitted {
    private final Map<Thread, Http2Permit> unclaimed;
    /** Owned by the stream's thread. */
    private Http2Watch stream;

    Http2Permit(Map<Thread, Http2Permit> unclaimed) {
        this.unclaimed = unclaimed;
        unclaimed.put(Thread.currentThread(), this);
    }

    void of(Http2Watch stream) {
        this.stream = stream;
    }

    @Override
    public Outcome lost() {
        return stream == null ? null : stream.lost();
    }

    @Override
    public void over() {
        unclaimed.remove(Thread.currentThread());
    }
}
