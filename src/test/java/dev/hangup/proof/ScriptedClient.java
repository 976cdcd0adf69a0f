package dev.hangup.proof;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import dev.hangup.proof.ResponseReader.Seen;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;

/** Plays the client's part of a script: one thread sends, one reads, one leaves. */
final class ScriptedClient {
    private final Script script;
    private final RawClient connection;
    /** That the client has left, or is about to: written by the thread that leaves, before it does. */
    private volatile boolean left;
    /** What leaving waits for. */
    private final CountDownLatch mayLeave = new CountDownLatch(1);
    /** The end of the connection, as the reading thread sees it. */
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile int answers;
    /** The end of the sending. */
    private final CountDownLatch sent = new CountDownLatch(1);
    private volatile Throwable failure;

    ScriptedClient(Script script, RawClient connection) {
        this.script = script;
        this.connection = connection;
    }

    void play() throws InterruptedException {
        Thread reading = Thread.startVirtualThread(this::read);
        Thread leaving = Thread.startVirtualThread(this::leave);
        try {
            send();
        } catch (UncheckedIOException e) {
            // the server has closed, and the reading thread judges whether it may
        } finally {
            sent.countDown();
        }
        for (Thread thread : new Thread[] {reading, leaving}) {
            if (!thread.join(Await.TIME.multipliedBy(6))) {
                throw new AssertionError("Hangs: " + thread);
            }
        }
        connection.vanish();
        if (failure != null) {
            throw new AssertionError(failure + " (read " + answers + " answers)", failure);
        }
    }

    /** When the connection is over. */
    void judge() {
        try {
            Await.until("the work of a connection that is over has ended", () -> script.requests().stream()
                    .noneMatch(it -> it.state() == Exchange.State.RUNNING));
            ExpectedEnd.on(script);
        } catch (AssertionError e) {
            throw new AssertionError("-Dhangup.seed=" + script.seed() + ": " + e.getMessage() + "\n" + script, e);
        }
    }

    Script script() {
        return script;
    }

    int answers() {
        return answers;
    }

    private void send() {
        Script.Leaving leaving = script.leaving();
        for (int i = 0; i < script.segments().size(); i++) {
            if (leaving.when() == Script.Leaving.When.SENT && leaving.which() == i) {
                mayLeave.countDown();
                return;
            }
            Script.Segment segment = script.segments().get(i);
            while (script.lockstep() && answers < segment.request() && !left && over.getCount() > 0) {
                LockSupport.parkNanos(20_000);
            }
            if (left) {
                return;
            }
            connection.send(segment.bytes());
            pause(segment.pause());
        }
        if (leaving.when() == Script.Leaving.When.SENT) {
            mayLeave.countDown();
        }
    }

    private void leave() {
        try {
            Script.Leaving leaving = script.leaving();
            CountDownLatch awaited = leaving.when() == Script.Leaving.When.BEGUN
                    ? script.requests().get(leaving.which()).begun
                    : mayLeave;
            long end = System.nanoTime() + Await.TIME.multipliedBy(3).toNanos();
            while (!awaited.await(1, TimeUnit.MILLISECONDS) && over.getCount() > 0) {
                if (System.nanoTime() - end > 0) {
                    throw new AssertionError("Waited in vain for " + leaving);
                }
            }
            if (leaving.when() == Script.Leaving.When.ANSWERED
                    && !sent.await(Await.TIME.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("Cannot send");
            }
            pause(leaving.pause());
            left = true;
            switch (leaving.how()) {
            case LEAVE -> connection.leave();
            case VANISH -> connection.vanish();
            case RESET -> connection.reset();
            case HALF_CLOSE -> connection.endOutput();
            }
        } catch (UncheckedIOException e) {
            // the server was quicker
        } catch (Throwable e) {
            failure = e;
            connection.vanish();
        }
    }

    private void read() {
        try {
            ResponseReader reader = new ResponseReader(new BufferedInputStream(new Counted(connection.socket().getInputStream())));
            Seen seen = Seen.WHOLE;
            for (Exchange exchange : script.requests()) {
                seen = reader.read(exchange);
                if (seen != Seen.WHOLE) {
                    require(may(seen, exchange), seen + " for " + exchange);
                    break;
                }
                answers++;
            }
            if (seen == Seen.STOPPED) {
                reader.readEnd();
            }
            mayLeave.countDown();
        } catch (SocketTimeoutException e) {
            failure = new AssertionError("No answer, and no end", e);
        } catch (IOException e) {
            // where the server has closed in the middle of a stream, bytes that it has not read make that a reset
            Exchange cutOff = script.requests().get(Math.min(answers, script.requests().size() - 1));
            if (!left && !(cutOff.deadline > 0 && cutOff.streams())) {
                failure = e;
            }
        } catch (Throwable e) {
            failure = e;
        } finally {
            over.countDown();
        }
    }

    private boolean may(Seen seen, Exchange exchange) {
        int index = script.requests().indexOf(exchange);
        boolean mayBeStopped = exchange.deadline > 0;
        return switch (seen) {
            case STOPPED -> mayBeStopped;
            case REFUSED -> exchange.body.malformed() || left;
            case CUT_OFF -> left || mayBeStopped || exchange.body.malformed() && exchange.streams();
            // for an instant, who streams has taken the answer and not written yet
            case NOTHING -> left || mayBeStopped && exchange.streams()
                    || index > 0 && script.requests().get(index - 1).mayEndConnection();
            case WHOLE -> true;
        };
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError("Must not be: " + what);
        }
    }

    private static void pause(int micros) {
        if (micros > 0) {
            LockSupport.parkNanos(1_000L * micros);
        }
    }

    private final class Counted extends FilterInputStream {
        private int count;

        private Counted(InputStream input) {
            super(input);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            Script.Leaving leaving = script.leaving();
            if (leaving.when() == Script.Leaving.When.READ && count >= leaving.which()) {
                mayLeave.countDown();
            }
            int read = super.read(bytes, offset, length);
            count += read;
            return read;
        }
    }
}
