package dev.hangup.internal.cluster;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.hangup.abandonment.AbandonmentConfig;
import dev.hangup.internal.abandonment.AbandonmentLimiter;
import dev.hangup.internal.abandonment.SharedAbandonment;
import dev.hangup.testing.Await;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertTrue;

/** The thread that sends what is counted together. */
class BatchSenderTest {
    private final CountDownLatch sending = new CountDownLatch(1);
    private final CountDownLatch sentAgain = new CountDownLatch(1);

    @Test
    void interruptEndsItWhileItSends() throws InterruptedException {
        SharedAbandonment abandonment = new AbandonmentLimiter(AbandonmentConfig.create(), true).shared().orElseThrow();
        abandonment.membersChanged(1);
        Thread sender = BatchSender.start(Thread.ofPlatform().factory(), new Blocked(), abandonment);
        sending.await();
        sender.interrupt();
        assertTrue(sender.join(Await.TIME), "It goes on");
    }

    @Test
    void failureDoesNotEndIt() throws InterruptedException {
        SharedAbandonment abandonment = new AbandonmentLimiter(AbandonmentConfig.create(), true).shared().orElseThrow();
        abandonment.membersChanged(1);
        Thread sender = BatchSender.start(Thread.ofPlatform().factory(), new Failing(), abandonment);
        assertTrue(sending.await(Await.TIME.toMillis(), TimeUnit.MILLISECONDS));
        abandonment.membersChanged(2);
        assertTrue(sentAgain.await(Await.TIME.toMillis(), TimeUnit.MILLISECONDS), "It sends nothing more");
        sender.interrupt();
        assertTrue(sender.join(Await.TIME), "It goes on");
    }

    /** As without memory. */
    private final class Failing implements Membership {
        @Override
        public void join(Consumer<List<String>> changed, Consumer<byte[]> received) {
        }

        @Override
        public void send(byte[] message) {
            if (sending.getCount() == 0) {
                sentAgain.countDown();
            }
            sending.countDown();
            throw new OutOfMemoryError("Java heap space");
        }

        @Override
        public void close() {
        }
    }

    /** Reacts to an interrupt, which clears the interrupt status. */
    private final class Blocked implements Membership {
        @Override
        public void join(Consumer<List<String>> changed, Consumer<byte[]> received) {
        }

        @Override
        public void send(byte[] message) throws InterruptedException {
            sending.countDown();
            new CountDownLatch(1).await();
        }

        @Override
        public void close() {
        }
    }
}
