package dev.hangup.internal.http2;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The executor on which Helidon runs the streams of an HTTP/2 connection. Helidon submits a stream right after it has received
 * the last of its headers, so a submitted task belongs to the newest stream. From then on the thread of that stream is known.
 * <p>
 * Helidon 4.5.0 neither responds to an exception from outside the routing, as of a concurrency limit, nor resets the stream
 * ({@code Http2ServerStream.run}). Its client would wait for ever, so the stream is reset here.
 */
final class Http2Tasks extends AbstractExecutorService {
    private final ExecutorService delegate;
    private final WatchedHttp2Connection connection;

    Http2Tasks(ExecutorService delegate, WatchedHttp2Connection connection) {
        this.delegate = delegate;
        this.connection = connection;
    }

    @Override
    public void execute(Runnable task) {
        Http2Exchange stream = connection.newest();
        if (stream == null) {
            delegate.execute(task);
            return;
        }
        stream.submitted();
        delegate.execute(() -> {
            connection.enter(stream);
            try {
                task.run();
            } finally {
                connection.exit(stream);
            }
        });
    }

    /** Helidon does not look at the future, which takes the exception of a task. */
    @Override
    protected <T> RunnableFuture<T> newTaskFor(Runnable task, T value) {
        return super.newTaskFor(() -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                connection.failed();
                throw e;
            }
        }, value);
    }

    @Override
    public void shutdown() {
        delegate.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
        return delegate.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
        return delegate.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return delegate.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return delegate.awaitTermination(timeout, unit);
    }
}
