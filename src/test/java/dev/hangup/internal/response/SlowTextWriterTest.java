package dev.hangup.internal.response;

import java.io.OutputStream;
import java.time.Duration;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.common.GenericType;
import io.helidon.http.Headers;
import io.helidon.http.WritableHeaders;
import io.helidon.http.media.EntityReader;
import io.helidon.http.media.EntityWriter;
import io.helidon.http.media.MediaContext;
import io.helidon.http.media.MediaContextConfig;
import io.helidon.http.media.MediaSupport;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/** An application's own writer of texts that waits: until it has written something, the response is not begun. */
class SlowTextWriterTest {
    private final Trail trail = new Trail();

    @Test
    void mediaSupportIsStoppedByTheDeadline() {
        assertStopped(MediaContext.builder().addMediaSupport(new Slow()).build());
    }

    @Test
    void mediaContextIsStoppedByTheDeadline() {
        assertStopped(new SlowContext(MediaContext.create()));
    }

    /** Over HTTP/2, where a response that has begun can only be reset. */
    private void assertStopped(MediaContext media) {
        try (TestServer server = TestServer.start(config -> config.mediaContext(media), hangup -> { }, routing -> routing
                .get("/", Hangup.cancellable(Duration.ofMillis(500), request -> "text")));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            int id = client.get("/");
            assertEquals(503, client.answerOrReset(id).status());
            trail.await("interrupted");
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.DEADLINE_EXCEEDED, end.outcome());
            assertFalse(end.decision().responseBegun());
        }
    }

    private final class Slow implements MediaSupport {
        @Override
        public <T> WriterResponse<T> writer(GenericType<T> type, Headers request, WritableHeaders<?> response) {
            return type.equals(GenericType.STRING)
                    ? new WriterResponse<>(SupportLevel.SUPPORTED, SlowWriter::new)
                    : WriterResponse.unsupported();
        }

        @Override
        public String name() {
            return "slow";
        }

        @Override
        public String type() {
            return "slow";
        }
    }

    /** It seems to have Helidon's media supports only. */
    private final class SlowContext implements MediaContext {
        private final MediaContext delegate;

        private SlowContext(MediaContext delegate) {
            this.delegate = delegate;
        }

        @Override
        public <T> EntityWriter<T> writer(GenericType<T> type, Headers request, WritableHeaders<?> response) {
            return type.equals(GenericType.STRING) ? new SlowWriter<>() : delegate.writer(type, request, response);
        }

        @Override
        public <T> EntityWriter<T> writer(GenericType<T> type, WritableHeaders<?> request) {
            return delegate.writer(type, request);
        }

        @Override
        public <T> EntityReader<T> reader(GenericType<T> type, Headers headers) {
            return delegate.reader(type, headers);
        }

        @Override
        public <T> EntityReader<T> reader(GenericType<T> type, Headers request, Headers response) {
            return delegate.reader(type, request, response);
        }

        @Override
        public MediaContextConfig prototype() {
            return delegate.prototype();
        }
    }

    private final class SlowWriter<T> implements EntityWriter<T> {
        @Override
        public void write(GenericType<T> type, T text, OutputStream stream, Headers request, WritableHeaders<?> response) {
            try {
                trail.workUntilInterrupted();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void write(GenericType<T> type, T text, OutputStream stream, WritableHeaders<?> headers) {
            throw new AssertionError("not for a request");
        }
    }
}
