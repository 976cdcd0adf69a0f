package dev.hangup.internal.response;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.HttpMediaType;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.ServerResponseTrailers;
import io.helidon.http.SetCookie;
import io.helidon.http.WritableHeaders;

/**
 * Headers of a {@link ResponseView}: recorded headers until the response is acquired, then the real ones, and recorded ones again
 * once the view is detached. Listeners that hold a reference to the headers are not affected by the change.
 *
 * @param <T> type of the headers
 */
abstract class ViewHeaders<T extends WritableHeaders<T>> implements WritableHeaders<T> {
    private final BooleanSupplier attached;
    private final Supplier<T> kept;
    /** {@code null} until the response is acquired. */
    private T real;

    ViewHeaders(BooleanSupplier attached, Supplier<T> kept) {
        this.attached = attached;
        this.kept = kept;
    }

    void bind(T real) {
        this.real = real;
    }

    final boolean bound() {
        return real != null;
    }

    T current() {
        return real != null && attached.getAsBoolean() ? real : kept.get();
    }

    abstract T self();

    /** Called after each change of recorded headers. */
    void recorded(Consumer<T> change) {
    }

    /** Returns a header that can be recorded, and changed before the record is replayed. */
    Header fixed(Header header) {
        return header;
    }

    final T change(Consumer<T> change) {
        T current = current();
        change.accept(current);
        if (current != real && attached.getAsBoolean()) {
            recorded(change);
        }
        return self();
    }

    @Override
    public List<String> all(HeaderName name, Supplier<List<String>> otherwise) {
        return current().all(name, otherwise);
    }

    @Override
    public boolean contains(HeaderName name) {
        return current().contains(name);
    }

    @Override
    public boolean contains(Header header) {
        return current().contains(header);
    }

    @Override
    public Header get(HeaderName name) {
        return current().get(name);
    }

    @Override
    public int size() {
        return current().size();
    }

    @Override
    public List<HttpMediaType> acceptedTypes() {
        return current().acceptedTypes();
    }

    @Override
    public Iterator<Header> iterator() {
        return current().iterator();
    }

    @Override
    public T setIfAbsent(Header header) {
        Header fixed = fixed(header);
        return change(it -> it.setIfAbsent(fixed));
    }

    @Override
    public T add(Header header) {
        Header fixed = fixed(header);
        return change(it -> it.add(fixed));
    }

    @Override
    public T set(Header header) {
        Header fixed = fixed(header);
        return change(it -> it.set(fixed));
    }

    @Override
    public T remove(HeaderName name) {
        return change(it -> it.remove(name));
    }

    @Override
    public T remove(HeaderName name, Consumer<Header> removed) {
        Optional<Header> found = contains(name) ? Optional.of(get(name)) : Optional.empty();
        remove(name);
        found.ifPresent(removed);
        return self();
    }

    @Override
    public T clear() {
        return change(WritableHeaders::clear);
    }

    @Override
    public T from(Headers headers) {
        headers.forEach(this::set);
        return self();
    }

    @Override
    public String toString() {
        return current().toString();
    }

    /** The headers that precede the entity. */
    static final class Leading extends ViewHeaders<ServerResponseHeaders> implements ServerResponseHeaders {
        private final Supplier<PendingResponse> pending;

        Leading(BooleanSupplier attached, Supplier<PendingResponse> pending) {
            super(attached, () -> pending.get().headers());
            this.pending = pending;
        }

        @Override
        ServerResponseHeaders self() {
            return this;
        }

        /** Helidon adds further values to some header objects, including those of a request. */
        @Override
        Header fixed(Header header) {
            return bound() || !pending.get().isStreamRequested()
                    ? header
                    : HeaderValues.create(header.headerName(), header.changing(), header.sensitive(),
                                          header.allValues().toArray(String[]::new));
        }

        @Override
        void recorded(Consumer<ServerResponseHeaders> change) {
            pending.get().headersChanged(change);
        }

        @Override
        public ServerResponseHeaders addCookie(SetCookie cookie) {
            return change(it -> it.addCookie(cookie));
        }

        @Override
        public ServerResponseHeaders clearCookie(String name) {
            return change(it -> it.clearCookie(name));
        }

        @Override
        public ServerResponseHeaders clearCookie(SetCookie cookie) {
            return change(it -> it.clearCookie(cookie));
        }
    }

    /** The trailers that follow the entity. */
    static final class Trailing extends ViewHeaders<ServerResponseTrailers> implements ServerResponseTrailers {
        Trailing(BooleanSupplier attached) {
            this(attached, ServerResponseTrailers.create());
        }

        private Trailing(BooleanSupplier attached, ServerResponseTrailers kept) {
            super(attached, () -> kept);
        }

        @Override
        ServerResponseTrailers self() {
            return this;
        }
    }
}
