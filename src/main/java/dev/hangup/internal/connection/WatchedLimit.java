package dev.hangup.internal.connection;

import java.util.Optional;
import java.util.function.Supplier;

import dev.hangup.internal.carriers.CarrierGuard;

import io.helidon.common.concurrency.limits.Limit;

/**
 * A connection's view of its listener's concurrency limit.
 * <p>
 * Helidon ({@code Http2Routing} for the request of an upgrade to HTTP/2) calls the limit once for each request, right after the
 * headers, and returns the token when it has finished the request. So this is also where a connection learns that a request
 * begins and ends. Helidon itself returns a token depending on whether an exception was thrown. This class returns the token
 * according to the request's outcome, so that an adaptive limit mistakes a departure neither for a fast response nor for overload.
 * A request whose client leaves while it waits for its token leaves the queue. The token that Helidon receives stands for the
 * request's {@link WatchedExchange}.
 */
public final class WatchedLimit implements Limit {
    private final Limit delegate;
    private final Supplier<? extends WatchedExchange> requests;
    private final boolean mayWait;

    /**
     * @param requests supplies the exchange of each request, before the permit is requested
     */
    public WatchedLimit(Limit delegate, Supplier<? extends WatchedExchange> requests) {
        this.delegate = delegate;
        this.requests = requests;
        this.mayWait = PermitWait.possible(delegate);
    }

    /** Returns the original of a watched limit. */
    public static Limit unwrap(Limit limit) {
        return limit instanceof WatchedLimit watched ? watched.delegate : limit;
    }

    @Override
    public Outcome tryAcquireOutcome(boolean wait) {
        WatchedExchange request = requests.get();
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
        Token token = request.permitted(accepted.token());
        return outcome instanceof Outcome.Deferred deferred
                ? Outcome.deferredAcceptance(outcome.originName(), outcome.algorithmType(), token,
                                             deferred.waitStartNanoTime(), deferred.waitEndNanoTime())
                : Outcome.immediateAcceptance(outcome.originName(), outcome.algorithmType(), token);
    }

    private static void over(WatchedExchange request) {
        CarrierGuard.requestOver();
        request.over();
    }

    private Outcome await(WatchedExchange request) {
        return mayWait && request.noticesDepartures()
                ? PermitWait.acquire(() -> delegate.tryAcquireOutcome(true), request)
                : delegate.tryAcquireOutcome(true);
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
}
