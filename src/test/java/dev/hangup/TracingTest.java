package dev.hangup;

import java.util.concurrent.TimeUnit;

import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.outcome.RequestStart;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.context.ContextFeature;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** The listener for OpenTelemetry in operations.md. */
class TracingTest {
    private static final SpanContext PARENT = SpanContext.create("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331",
                                                                 TraceFlags.getSampled(), TraceState.getDefault());

    private final Trail trail = new Trail();
    private final InMemorySpanExporter exported = InMemorySpanExporter.create();
    private final SdkTracerProvider provider = SdkTracerProvider.builder()
            .addSpanProcessor(SimpleSpanProcessor.create(exported))
            .build();

    @Test
    @Tag("departure")
    void eachRequestIsASpanWithItsOutcomeBelowThatOfItsContext() {
        try (provider; TestServer server = TestServer.start(
                config -> config.addFeature(ContextFeature.create()),
                hangup -> hangup.addListener(new Spans(provider.get("hangup"))),
                routing -> routing
                        .addFilter((chain, request, response) -> {
                            request.context().register(Context.root().with(Span.wrap(PARENT)));
                            chain.proceed();
                        })
                        .get("/work/{id}", Hangup.cancellable(request -> {
                            trail.workUntilInterrupted();
                            return "never";
                        }))); RawClient client = server.connect()) {
            client.get("/work/7");
            trail.await("started");
            client.leave();
            RequestEnd end = server.nextEnd();
            server.close();
            assertEquals(1, exported.getFinishedSpanItems().size());
            SpanData span = exported.getFinishedSpanItems().getFirst();
            assertEquals("GET /work/{id}", span.getName());
            assertEquals(PARENT, span.getParentSpanContext());
            assertEquals("disconnected", span.getAttributes().get(AttributeKey.stringKey("hangup.outcome")));
            assertEquals(StatusCode.ERROR, span.getStatus().getStatusCode());
            assertEquals(end.elapsed().plus(end.stopping()).toNanos(), span.getEndEpochNanos() - span.getStartEpochNanos());
            assertEquals(TimeUnit.SECONDS.toNanos(end.decision().request().at().getEpochSecond())
                                 + end.decision().request().at().getNano(), span.getStartEpochNanos());
        }
    }

    private record Spans(Tracer tracer) implements OutcomeListener {
        @Override
        public void ended(RequestEnd end) {
            RequestStart start = end.decision().request();
            Span span = tracer.spanBuilder(end.method() + " " + end.route())
                    .setParent(start.context().flatMap(it -> it.get(Context.class)).orElse(Context.root()))
                    .setStartTimestamp(start.at())
                    .setAttribute("hangup.outcome", end.outcome().text())
                    .startSpan();
            if (end.outcome() != Outcome.COMPLETED) {
                span.setStatus(StatusCode.ERROR, end.outcome().text());
            }
            span.end(start.at().plus(end.elapsed()).plus(end.stopping()));
        }
    }
}
