package dev.hangup.internal.connection;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

import dev.hangup.internal.carriers.CarrierGuard;

import io.helidon.common.concurrency.limits.Limit;

/**
 * A connection's view of its listener's concurrency limit.
 * <p>
 * Helidon asks it once for each request, right after the headers, and gives the token back when it has done with the
 * request; so this is also where a connection learns that a request begins and is over. Helidon ends a token by
 * whether something was thrown; this ends it by the request's outcome, so that an adaptive limit neither takes a
 * departure for a quick answer nor for an overload. And a request whose client leaves while it waits for its token gives
 * up its place in the queue.
 */
public final class WatchedLimit implements Limit {
    private final Limit delegate;
    private final Supplier<Permitted> requests;
    private final Supplier<Outcome> waiting;
    private final boolean mayWait;

    /**
     * @param requests asked with each request, before its permit is
     */
    public WatchedLimit(Limit delegate, Supplier<Permitted> requests) {
        this.delegate = delegate;
        this.requests = requests;
        this.waiting = () -> delegate.tryAcquireOutcome(true);
        this.mayWait = PermitWait.possible(delegate);
    }

    /** A limit as it was before it was watched. */
    public static Limit bare(Limit limit) {
        return limit instanceof WatchedLimit watched ? watched.delegate : limit;
    }

    @Override
    public Outcome tryAcquireOutcome(boolean wait) {
        Permitted request = requests.get();
        CarrierGuard.requestBegins();
        Outcome outcome;
        try {
            outcome = wait ? await(request) : delegate.tryAcquireOutcome(false);
        } catch (RuntimeException | Error e) {
            over(request);
            throw e;
        }
        if (!(outcome instanceof Outcome.Accepted accepted)) {
            over(request);
            return outcome;
        }
        Token token = new WatchedToken(accepted.token(), request);
        return outcome instanceof Outcome.Deferred deferred
                ? Outcome.deferredAcceptance(outcome.originName(), outcome.algorithmType(), token,
                                             deferred.waitStartNanoTime(), deferred.waitEndNanoTime())
                : Outcome.immediateAcceptance(outcome.originName(), outcome.algorithmType(), token);
    }

    private static void over(Permitted request) {
        CarrierGuard.requestOver();
        request.over();
    }

    private Outcome await(Permitted request) {
        Optional<PermitWait.Client> client = mayWait ? request.client() : Optional.empty();
        return client.isPresent() ? PermitWait.acquire(waiting, client.get()) : waiting.get();
    }

    @Override
    public Outcome tryAcquireOutcome() {
        return tryAcquireOutcome(true);
    }

    @Override
    @SuppressWarnings("removal")
    public Optional<Token> tryAcquire() {
        return tryAcquire(true);
    }

    @Override
    @SuppressWarnings("removal")
    public Optional<Token> tryAcquire(boolean wait) {
        return tryAcquireOutcome(wait) instanceof Outcome.Accepted accepted
                ? Optional.of(accepted.token())
                : Optional.empty();
    }

    @Override
    public Limit copy() {
        return new WatchedLimit(delegate.copy(), requests);
    }

    @Override
    public void init(String socketName) {
        delegate.init(socketName);
    }

    @Override
    public String name() {
        return delegate.name();
    }

    @Override
    public String type() {
        return delegate.type();
    }

    /** A request that asks for a permit. */
    public interface Permitted {
        /** Why its work was stopped, or {@code null}. */
        dev.hangup.outcome.Outcome abortReason();

        /** Whether it was refused, for reasons that say nothing of the server. */
        boolean refused();

        /** It gives its permit back, or was refused one. */
        void over();

        /** Who is to be looked for while it waits, if anyone can be. */
        default Optional<PermitWait.Client> client() {
            return Optional.empty();
        }
    }

    private static final class WatchedToken implements Token {
        private final Token delegate;
        private final Permitted request;

        private WatchedToken(Token delegate, Permitted request) {
            this.delegate = delegate;
            this.request = request;
        }

        @Override
        public void success() {
            over(Token::success);
        }

        @Override
        public void dropped() {
            over(Token::dropped);
        }

        @Override
        public void ignore() {
            over(Token::ignore);
        }

        private void over(Consumer<Token> asHelidonWould) {
            try {
                switch (request.abortReason()) {
                case null -> {
                    if (request.refused()) {
                        delegate.ignore();
                    } else {
                        asHelidonWould.accept(delegate);
                    }
                }
                case DISCONNECTED, SHUTDOWN -> delegate.ignore();
                case DEADLINE_EXCEEDED -> delegate.dropped();
                case COMPLETED, FAILED -> throw new IllegalStateException("Work that ended has not lost");
                }
            } finally {
                WatchedLimit.over(request);
            }
        }
    }
}
