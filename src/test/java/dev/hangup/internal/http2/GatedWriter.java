package dev.hangup.internal.http2;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import dev.hangup.testing.Await;
import dev.hangup.testing.Trail;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;

/** What an HTTP/2 connection is written with, as slow as a client that takes some frames only when a gate is opened. */
final class GatedWriter implements DataWriter {
    private final DataWriter delegate;
    private final Predicate<Frame> gated;
    private final Trail trail;
    private final CountDownLatch gate;

    /**
     * @param gated which frames have to wait
     * @param trail where "writes" is left by each that does
     */
    GatedWriter(DataWriter delegate, Predicate<Frame> gated, Trail trail, CountDownLatch gate) {
        this.delegate = delegate;
        this.gated = gated;
        this.trail = trail;
        this.gate = gate;
    }

    @Override
    public void writeNow(BufferData frame) {
        byte[] header = new byte[Frame.HEADER_LENGTH];
        for (int i = 0; i < header.length; i++) {
            header[i] = (byte) frame.get(i);
        }
        if (gated.test(Frame.parse(header))) {
            trail.add("writes");
            try {
                if (!gate.await(Await.TIME.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new AssertionError("Nobody has opened the gate");
                }
            } catch (InterruptedException e) {
                throw new AssertionError("Interrupted before the gate", e);
            }
        }
        delegate.writeNow(frame);
    }

    @Override
    public void writeNow(BufferData... buffers) {
        writeNow(BufferData.create(buffers));
    }

    @Override
    public void write(BufferData... buffers) {
        writeNow(BufferData.create(buffers));
    }

    @Override
    public void write(BufferData buffer) {
        writeNow(buffer);
    }
}
