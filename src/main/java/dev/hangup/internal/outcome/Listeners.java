package dev.hangup.internal.outcome;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.hangup.outcome.OutcomeListener;

/**
 * Who is told what becomes of requests.
 * <p>
 * Hangup's own do not dawdle: they are told at once, and before the others, so that who has heard of something finds it in the
 * log. Each of the others has a thread of its own, and nothing of a request waits for it.
 */
public final class Listeners {
    private static final System.Logger LOGGER = System.getLogger(Listeners.class.getName());

    private final List<OutcomeListener> own;
    private final List<Subscriber> subscribers;
    private final InFlightRequests inFlight = new InFlightRequests();

    /**
     * Tells nobody anything yet.
     *
     * @param own         Hangup's own
     * @param subscribers the application's
     */
    public Listeners(List<OutcomeListener> own, List<OutcomeListener> subscribers) {
        this.own = List.copyOf(own);
        this.subscribers = subscribers.stream().map(it -> new Subscriber(it, new EventDispatcher("hangup-listener"))).toList();
    }

    /**
     * Waits until all are told what has happened.
     *
     * @param seconds how long at the most
     * @return whether they were
     */
    public boolean awaitDelivery(int seconds) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        try {
            boolean delivered = true;
            for (Subscriber subscriber : subscribers) {
                delivered &= subscriber.dispatcher.awaitDelivery(end - System.nanoTime());
            }
            return delivered;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * The requests of which the listeners know that they have begun, and not that they have ended.
     *
     * @return those in flight
     */
    public InFlightRequests inFlight() {
        return inFlight;
    }

    /** Neither waits nor throws. What is told of one request comes in its order: nothing of it is told at the same time. */
    void publish(Consumer<OutcomeListener> event) {
        for (OutcomeListener listener : own) {
            deliver(listener, event);
        }
        publishToSubscribers(event);
    }

    /** As above, to the application's only. */
    void publishToSubscribers(Consumer<OutcomeListener> event) {
        for (Subscriber subscriber : subscribers) {
            subscriber.dispatcher.dispatch(new Delivery(subscriber.listener, event));
        }
    }

    private static void deliver(OutcomeListener listener, Consumer<OutcomeListener> event) {
        try {
            event.accept(listener);
        } catch (RuntimeException | Error e) {
            LOGGER.log(System.Logger.Level.WARNING, "A listener of outcomes failed", e);
        }
    }

    private record Subscriber(OutcomeListener listener, EventDispatcher dispatcher) {
    }

    private static final class Delivery extends EventDispatcher.Event {
        private final OutcomeListener listener;
        private final Consumer<OutcomeListener> event;

        private Delivery(OutcomeListener listener, Consumer<OutcomeListener> event) {
            this.listener = listener;
            this.event = event;
        }

        @Override
        void deliver() {
            Listeners.deliver(listener, event);
        }
    }
}
