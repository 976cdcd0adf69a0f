package dev.hangup.internal.http1;

import java.io.UncheckedIOException;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** The loser writes while the writer is taken from it, and the responding thread writes too. */
@JCStressTest
@Outcome(id = {"B", "AB"}, expect = Expect.ACCEPTABLE, desc = "Nothing of the loser's in the answer or behind it")
@Outcome(expect = Expect.FORBIDDEN, desc = "The loser's bytes reach somebody")
@State
public class WatchedWriterStress {
    private final StringBuffer written = new StringBuffer();
    private final WatchedWriter writer = new WatchedWriter(new Recording(), false, false, new Nothing());

    @Actor
    public void loser() {
        try {
            writer.write(BufferData.create(new byte[] {'A'}));
        } catch (UncheckedIOException e) {
            // too late
        }
    }

    @Actor
    public void answering() {
        writer.onlyFor(Thread.currentThread());
        writer.write(BufferData.create(new byte[] {'B'}));
    }

    @Arbiter
    public void result(L_Result result) {
        result.r1 = written.toString();
    }

    private static final class Nothing implements WatchedWriter.Events {
        @Override
        public boolean isOwnThread() {
            return false;
        }

        @Override
        public boolean mayContinue() {
            return true;
        }

        @Override
        public BufferData writes(BufferData bytes) {
            return bytes;
        }

        @Override
        public void failed(boolean broken) {
        }
    }

    private final class Recording implements DataWriter {
        @Override
        public void write(BufferData... buffers) {
            write(BufferData.create(buffers));
        }

        @Override
        public void write(BufferData buffer) {
            written.append((char) buffer.read());
        }

        @Override
        public void writeNow(BufferData... buffers) {
            write(buffers);
        }

        @Override
        public void writeNow(BufferData buffer) {
            write(buffer);
        }

        @Override
        public void flush() {
        }

        @Override
        public void close() {
        }
    }
}
