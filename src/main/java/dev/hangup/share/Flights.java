package dev.hangup.share;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

import dev.hangup.race.Deadline;

/** The flights of a route by their keys, and what is remembered of those that have landed. */
final class Flights<K, V> {
    private final SharedComputation<K, V> computation;
    private final Duration linger;
    private final Optional<Memory<K, V>> memory;
    /** Those in the air. What has ended gets out of the way by itself, after its result was remembered. */
    private final ConcurrentMap<K, Flight<V>> flights = new ConcurrentHashMap<>();

    Flights(SharedComputation<K, V> computation, Duration linger, Optional<Memory<K, V>> memory) {
        this.computation = computation;
        this.linger = linger;
        this.memory = memory;
    }

    /** Finds what somebody asks for who will leave at a deadline; begins a flight if there is nothing yet. */
    Found<V> find(K key, Deadline deadline) {
        while (true) {
            Optional<Memory.Result<V>> remembered = recall(key);
            if (remembered.isPresent()) {
                return new Remembered<>(remembered.get());
            }
            Flight<V> flight = flights.computeIfAbsent(key, this::flight);
            if (flight == null) {
                continue;
            }
            Optional<Flight<V>.Seat> seat = flight.join(deadline);
            if (seat.isPresent()) {
                return new InFlight<>(seat.get());
            }
            // whoever ended it may not have come to that
            flights.remove(key, flight);
        }
    }

    /** Stops what nobody waits for, and nobody will. */
    void closeDown() {
        flights.values().forEach(Flight::closeDown);
    }

    int inFlight() {
        return flights.size();
    }

    int waiting() {
        return flights.values().stream().mapToInt(Flight::waiting).sum();
    }

    /** A new one; {@code null} if the result of the one before was remembered in the meantime. */
    private Flight<V> flight(K key) {
        if (recall(key).isPresent()) {
            return null;
        }
        return new Flight<>("hangup-shared", linger, () -> computation.compute(key), new Flight.Ending<>() {
            @Override
            public void landed(Flight<V> flight, V value) {
                // in this order: nobody finds neither
                try {
                    remember(key, value);
                } finally {
                    flights.remove(key, flight);
                }
            }

            @Override
            public void lost(Flight<V> flight) {
                flights.remove(key, flight);
            }
        });
    }

    private Optional<Memory.Result<V>> recall(K key) {
        return memory.flatMap(it -> it.find(key));
    }

    private void remember(K key, V value) {
        // what is answered with 204 or 404 may be there the next time
        if (value != null && !Optional.empty().equals(value)) {
            memory.ifPresent(it -> it.keep(key, value));
        }
    }

    /** What there is for one who asks. */
    sealed interface Found<V> {
    }

    /** A result. */
    record Remembered<V>(Memory.Result<V> result) implements Found<V> {
    }

    /** A seat, which must be left. */
    record InFlight<V>(Flight<V>.Seat seat) implements Found<V> {
    }
}
