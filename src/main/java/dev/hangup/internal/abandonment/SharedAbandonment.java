package dev.hangup.internal.abandonment;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

import dev.hangup.abandonment.AbandonmentConfig;

/**
 * The requests that clients have abandoned on any member of a cluster.
 * <p>
 * Members notify each other of each abandoned request, and of arrivals that replace or repeat one. Every member counts all of
 * them by the same rules, and decides by its own counts. A request only queues its events; a thread of the cluster sends them
 * in batches. The queue and the batches are bounded; events that find no room are counted on this member alone. A member
 * that joins counts only later events, and a member that is alone neither sends nor counts events here.
 * <p>
 * Clients are hashed with a key that only members know. Each member begins with a random key, and every batch has its sender's:
 * the oldest key wins, and a member that adopts it begins to count anew, since it cannot hash again what others have sent.
 */
public final class SharedAbandonment {
    private static final System.Logger LOGGER = System.getLogger("dev.hangup");
    private static final int MAX_PENDING = 1000;

    private final AbandonmentConfig config;
    private final LongSupplier nanos;
    private final BlockingQueue<AbandonmentBatch.Event> pending = new ArrayBlockingQueue<>(MAX_PENDING);
    private final AtomicBoolean malformedLogged = new AtomicBoolean();
    private final Lock lock = new ReentrantLock();
    /** Replaced under the lock, which settles the race of two senders whose keys are older. */
    private volatile Counts counts;
    /** Written by the thread that reports changes of membership. */
    private volatile boolean active;

    /**
     * Creates the counts of a member that is alone.
     *
     * @param nanos the clock, such as {@link System#nanoTime()}
     */
    SharedAbandonment(AbandonmentConfig config, LongSupplier nanos) {
        this.config = config;
        this.nanos = nanos;
        this.counts = counts(ClientHash.random());
    }

    private Counts counts(ClientHash hash) {
        return new Counts(hash, new Replacements(config.window(), config.maxClients(), nanos));
    }

    /** Whether there are other members. */
    boolean isActive() {
        return active;
    }

    AbandonmentWindows windows() {
        return counts.replacements.windows();
    }

    /** Called when a request arrives; returns it as all members count it. */
    LimitedRequest arrived(String route, String client, int target) {
        ClientRoute clientRoute = clientRoute(route, client);
        counts.replacements.arrived(clientRoute, new Replacements.Moment(target, nanos.getAsLong()))
                .ifPresent(it -> announce(AbandonmentBatch.Kind.ARRIVED, clientRoute, it));
        return new LimitedRequest(clientRoute, target);
    }

    ClientRoute clientRoute(String route, String client) {
        return counts.hash.clientRoute(route, client);
    }

    int pending() {
        return pending.size();
    }

    /** Called when the client of a request has left. */
    void departed(LimitedRequest request) {
        Replacements.Moment departure = new Replacements.Moment(request.target(), nanos.getAsLong());
        counts.replacements.departed(request.clientRoute(), departure).ifPresent(it -> announceIfHere(request.clientRoute(), it));
        announce(AbandonmentBatch.Kind.DEPARTED, request.clientRoute(), departure);
    }

    /** Called when the number of other members has changed. */
    public void membersChanged(int others) {
        active = others > 0;
        if (active) {
            announceKey();
        }
    }

    /** Waits for something to send to all other members, and returns as much of it as one message may contain. */
    public byte[] nextBatch() throws InterruptedException {
        List<AbandonmentBatch.Event> events = new ArrayList<>();
        events.add(pending.take());
        pending.drainTo(events, AbandonmentBatch.MAX_EVENTS - 1);
        events.removeIf(it -> it.kind() == AbandonmentBatch.Kind.KEY);
        return new AbandonmentBatch(counts.hash, events).encode(nanos.getAsLong());
    }

    /** Called when another member has sent a message from its {@link #nextBatch}. A malformed message is dropped. */
    public void received(byte[] message) {
        AbandonmentBatch batch;
        try {
            batch = AbandonmentBatch.decode(message, nanos.getAsLong());
        } catch (IOException e) {
            if (!malformedLogged.getAndSet(true)) {
                LOGGER.log(System.Logger.Level.WARNING,
                           "Another member of the cluster has sent a message that this one cannot read;"
                                   + " the requests that its clients abandon are not counted here: " + e.getMessage());
            }
            return;
        }
        if (adoptOlderKey(batch.hash())) {
            batch.events().forEach(this::count);
        }
    }

    /** Adopts the key of a message if it is older. Returns whether both keys are then the same. */
    private boolean adoptOlderKey(ClientHash sent) {
        lock.lock();
        try {
            int age = sent.compareAge(counts.hash);
            if (age < 0) {
                counts = counts(sent);
            } else if (age > 0) {
                announceKey();
            }
            return age <= 0;
        } finally {
            lock.unlock();
        }
    }

    private void count(AbandonmentBatch.Event event) {
        Replacements replacements = counts.replacements;
        if (event.kind() == AbandonmentBatch.Kind.ARRIVED) {
            replacements.arrived(event.clientRoute(), event.moment());
        } else {
            replacements.departed(event.clientRoute(), event.moment()).ifPresent(it -> announceIfHere(event.clientRoute(), it));
        }
    }

    /** Announces an arrival unless it was on another member, which announces it itself. */
    private void announceIfHere(ClientRoute clientRoute, Replacements.Moment arrival) {
        if (arrival.here()) {
            announce(AbandonmentBatch.Kind.ARRIVED, clientRoute, arrival);
        }
    }

    private void announce(AbandonmentBatch.Kind kind, ClientRoute clientRoute, Replacements.Moment moment) {
        pending.offer(new AbandonmentBatch.Event(kind, clientRoute, moment));
    }

    /** If there is no room, batches that have the key are on their way. */
    private void announceKey() {
        pending.offer(AbandonmentBatch.Event.KEY);
    }

    /** The counts under one key. */
    private record Counts(ClientHash hash, Replacements replacements) {
    }
}
