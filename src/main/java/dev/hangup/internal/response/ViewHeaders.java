package dev.hangup.internal.response;

import java.util.Iterator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.helidon.http.Header;
import io.helidon.http.HeaderName;
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

    T current() {
        return real != null && attached.getAsBoolean() ? real : kept.get();
    }

    abstract T self();

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
        current().setIfAbsent(header);
        return self();
    }

    @Override
    public T add(Header header) {
        current().add(header);
        return self();
    }

    @Override
    public T set(Header header) {
        current().set(header);
        return self();
    }

    @Override
    public T remove(HeaderName name) {
        current().remove(name);
        return self();
    }

    @Override
    public T remove(HeaderName name, Consumer<Header> removed) {
        current().remove(name, removed);
        return self();
    }

    @Override
    public T clear() {
        current().clear();
        return self();
    }

    @Override
    public T from(Headers headers) {
        current().from(headers);
        return self();
    }

    @Override
    public String toString() {
        return current().toString();
    }

    /** The headers that precede the entity. */
    static final class Leading extends ViewHeaders<ServerResponseHeaders> implements ServerResponseHeaders {
        Leading(BooleanSupplier attached, Supplier<ServerResponseHeaders> kept) {
            super(attached, kept);
        }

        @Override
        ServerResponseHeaders self() {
            return this;
        }

        @Override
        public ServerResponseHeaders addCookie(SetCookie cookie) {
            current().addCookie(cookie);
            return this;
        }

        @Override
        public ServerResponseHeaders clearCookie(String name) {
            current().clearCookie(name);
            return this;
        }

        @Override
        public ServerResponseHeaders clearCookie(SetCookie cookie) {
            current().clearCookie(cookie);
            return this;
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
