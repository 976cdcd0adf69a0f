package dev.hangup.race;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

import dev.hangup.outcome.OutcomeListener;

/**
 * Who is told what becomes of requests. Nothing of a request waits for that.
 * <p>
 * Hangup's own, which do not dawdle, are told on one thread and before the others: who has heard of something finds it in the
 * log. Each of the others has a thread of its own.
 */
public final class Listeners {
    private static final System.Logger LOGGER = System.getLogger(Listeners.class.getName());

    private final Teller teller = new Teller("hangup-listeners");
    private final List<OutcomeListener> own;
    private final List<Other> others;
    /** Requests of which it is told that they have begun. */
    private final LongAdder lasting = new LongAdder();

    /**
     * Tells nobody anything yet.
     *
     * @param own    Hangup's own
     * @param others the application's
     */
    public Listeners(List<OutcomeListener> own, List<OutcomeListener> others) {
        this.own = List.copyOf(own);
        this.others = others.stream().map(it -> new Other(it, new Teller("hangup-listener"))).toList();
    }

    /**
     * Waits until all are told what has happened.
     *
     * @param seconds how long at the most
     * @return whether they were
     */
    public boolean awaitTold(int seconds) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        try {
            boolean told = teller.awaitTold(end - System.nanoTime());
            for (Other other : others) {
                told &= other.teller.awaitTold(end - System.nanoTime());
            }
            return told;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * How many requests are in flight whose work was not over in a moment.
     *
     * @return a number that may be out of date
     */
    public long inFlight() {
        return lasting.sum();
    }

    /** One begins to be among them, or has ended. */
    void lasting(int change) {
        lasting.add(change);
    }

    /** Neither waits nor throws. */
    void tell(Consumer<OutcomeListener> event) {
        teller.tell(() -> {
            own.forEach(listener -> tell(listener, event));
            others.forEach(other -> other.teller.tell(() -> tell(other.listener, event)));
        });
    }

    private static void tell(OutcomeListener listener, Consumer<OutcomeListener> event) {
        try {
            event.accept(listener);
        } catch (RuntimeException | Error e) {
            LOGGER.log(System.Logger.Level.WARNING, "A listener of outcomes failed", e);
        }
    }

    private record Other(OutcomeListener listener, Teller teller) {
    }
}
