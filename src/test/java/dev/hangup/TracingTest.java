package dev.hangup;

import java.util.concurrent.TimeUnit;

import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.webserver.context.ContextFeature;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
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

/** The listener for OpenTelemetry in operations.md, by its semantic conventions for HTTP servers. */
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
            assertEquals(SpanKind.SERVER, span.getKind());
            assertEquals(Attributes.of(AttributeKey.stringKey("http.request.method"), "GET",
                                       AttributeKey.stringKey("http.route"), "/work/{id}",
                                       AttributeKey.longKey("http.response.status_code"), 499L).asMap(),
                         span.getAttributes().asMap());
            assertEquals(StatusCode.UNSET, span.getStatus().getStatusCode());
            assertEquals(end.elapsed().plus(end.stopping()).toNanos(), span.getEndEpochNanos() - span.getStartEpochNanos());
            assertEquals(TimeUnit.SECONDS.toNanos(end.decision().request().at().getEpochSecond())
                                 + end.decision().request().at().getNano(), span.getStartEpochNanos());
        }
    }

    @Test
    void deadlineIsAnError() {
        try (provider; TestServer server = TestServer.start(
                hangup -> hangup.addListener(new Spans(provider.get("hangup"))),
                routing -> routing.get("/", Hangup.cancellable((request, response) -> {
                    Time.isUp(request, response);
                    trail.workUntilInterrupted();
                }))); RawClient client = server.connect()) {
            assertEquals(503, client.get("/").read().status());
            Await.until("there is a span", () -> !exported.getFinishedSpanItems().isEmpty());
            server.close();
            SpanData span = exported.getFinishedSpanItems().getFirst();
            assertEquals(StatusCode.ERROR, span.getStatus().getStatusCode());
            assertEquals("deadline-exceeded", span.getAttributes().get(AttributeKey.stringKey("error.type")));
        }
    }

    private record Spans(Tracer tracer) implements OutcomeListener {
        @Override
        public void ended(RequestEnd end) {
            Span span = tracer.spanBuilder(end.method() + " " + end.route()).setSpanKind(SpanKind.SERVER)
                    .setParent(end.context(Context.class).orElse(Context.root())).setStartTimestamp(end.startedAt()).startSpan()
                    .setAttribute("http.request.method", end.method()).setAttribute("http.route", end.route())
                    .setAttribute("http.response.status_code", end.status());
            end.errorType().ifPresent(type -> span.setStatus(StatusCode.ERROR).setAttribute("error.type", type));
            span.end(end.endedAt());
        }
    }
}
