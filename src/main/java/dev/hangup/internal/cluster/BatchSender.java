package dev.hangup.internal.cluster;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

import dev.hangup.internal.abandonment.SharedAbandonment;
import dev.hangup.internal.text.SafeLog;

/** Sends batches of events to the other members, on a thread of its own, at most ten times a second. */
record BatchSender(Membership membership, SharedAbandonment abandonment) implements Runnable {
    private static final SafeLog LOGGER = new SafeLog(BatchSender.class);
    private static final int PAUSE_MILLIS = 100;

    /** Starts sending. Returns the thread, which ends when it is interrupted. */
    static Thread start(ThreadFactory threads, Membership membership, SharedAbandonment abandonment) {
        Thread sender = threads.newThread(new BatchSender(membership, abandonment));
        sender.setName("hangup-cluster-send");
        sender.setDaemon(true);
        sender.start();
        return sender;
    }

    @Override
    public void run() {
        try {
            while (true) {
                try {
                    membership.send(abandonment.nextBatch());
                } catch (InterruptedException e) {
                    throw e;
                } catch (Throwable e) {
                    // must not end this thread: this member would send nothing more
                    LOGGER.log(System.Logger.Level.DEBUG, "A batch could not be sent to the cluster", e);
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "Nothing more is sent to the cluster", e);
        }
    }
}
