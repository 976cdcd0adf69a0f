package dev.hangup.internal.outcome;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.hangup.internal.text.SafeLog;
import dev.hangup.outcome.OutcomeListener;

/**
 * The listeners that are notified of the outcomes of requests.
 * <p>
 * Hangup's own listeners are fast. They are notified on the publishing thread, before all others, so that an application's
 * listener finds the event in the log. Each other listener is notified on a thread of its own, and no request waits for it.
 */
public final class Listeners {
    private static final SafeLog LOGGER = new SafeLog(Listeners.class);

    private final List<OwnListener> own;
    private final List<Subscriber> subscribers;
    private final InFlightRequests inFlight = new InFlightRequests();

    /** Creates the listeners: Hangup's own, and those of the application. */
    public Listeners(List<? extends OwnListener> own, List<OutcomeListener> subscribers) {
        this.own = List.copyOf(own);
        this.subscribers = subscribers.stream().map(it -> new Subscriber(it, new EventDispatcher("hangup-listener"))).toList();
    }

    /** Waits until all listeners have been notified of the events so far, or the time has elapsed; returns whether they have. */
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

    /** The requests whose start was published and whose end was not. */
    public InFlightRequests inFlight() {
        return inFlight;
    }

    /** Neither waits nor throws. The events of one request are published in order, never concurrently. */
    void publish(Consumer<OutcomeListener> event) {
        for (OutcomeListener listener : own) {
            deliver(listener, event);
        }
        publishToSubscribers(event);
    }

    /** Notifies Hangup's own listeners of a request as specified by {@link OwnListener#completed}. */
    void completed(long id, String route, boolean matched, long nanos) {
        for (OwnListener listener : own) {
            try {
                listener.completed(id, route, matched, nanos);
            } catch (RuntimeException | Error e) {
                LOGGER.warning("A listener of outcomes failed", e);
            }
        }
    }

    /** Whether the application has no listeners. */
    boolean onlyOwn() {
        return subscribers.isEmpty();
    }

    /** As {@link #publish}, for the listeners of the application only. */
    void publishToSubscribers(Consumer<OutcomeListener> event) {
        for (Subscriber subscriber : subscribers) {
            subscriber.dispatcher.dispatch(new Delivery(subscriber.listener, event));
        }
    }

    /** Notifies one listener. What it throws is logged. */
    static void deliver(OutcomeListener listener, Consumer<OutcomeListener> event) {
        try {
            event.accept(listener);
        } catch (Throwable e) {
            // also a checked exception, which some languages do not declare
            LOGGER.warning("A listener of outcomes failed", e);
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
