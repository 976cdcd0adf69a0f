package dev.hangup.race;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A platform thread that is there while there is something to tell: one thing after the other, in the order they come. */
final class Teller {
    private static final System.Logger LOGGER = System.getLogger(Teller.class.getName());
    /** Far more than there are, unless who is told never returns. */
    private static final int WAITING = 1000;

    private final ThreadPoolExecutor executor;

    Teller() {
        executor = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(WAITING),
                Thread.ofPlatform()
                        .daemon()
                        .inheritInheritableThreadLocals(false)
                        .name("hangup-stubborn")
                        .factory(),
                new ThreadPoolExecutor.DiscardPolicy());
        executor.allowCoreThreadTimeOut(true);
    }

    /** Neither waits nor throws. What comes when too much waits is dropped. */
    void tell(Runnable told) {
        try {
            executor.execute(told);
        } catch (RuntimeException | Error e) {
            // there are no more threads to be had; whoever calls this has more important things to do
            LOGGER.log(System.Logger.Level.WARNING, "Cannot tell of stubborn work", e);
        }
    }
}
