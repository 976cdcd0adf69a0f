package dev.hangup.observe;

import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

import dev.hangup.Hangup;
import dev.hangup.internal.config.FeatureKeys;
import dev.hangup.outcome.InFlightRequest;

import io.helidon.builder.api.RuntimeType;
import io.helidon.http.BadRequestException;
import io.helidon.http.ForbiddenException;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.NotFoundException;
import io.helidon.http.Status;
import io.helidon.json.JsonArray;
import io.helidon.json.JsonObject;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.SecureHandler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.observe.DisabledObserverFeature;
import io.helidon.webserver.observe.spi.Observer;
import io.helidon.webserver.spi.ServerFeature;

/**
 * Lists the requests in flight of a server, and cancels one of them:
 * <ul>
 * <li>{@code GET /observe/hangup/requests} returns the requests of {@link Hangup#inFlight()} as a JSON array, those of all
 * features {@code hangup} if the server has several;</li>
 * <li>{@code DELETE /observe/hangup/requests/{id}} {@linkplain Hangup#cancel(long) cancels} a request: the status is 204 if the
 * request was cancelled by this call, and 404 if no such request is in flight or if it was cancelled before.</li>
 * </ul>
 * Disabled by default. When it is enabled, users need the role {@code observe} unless {@code permit-all} is set. With
 * {@code permit-all}, a DELETE with an {@code Origin} header is refused with 403. Browsers send one for every page, even for one of
 * the same origin: a page whose name is rebound to this server's address (DNS rebinding) can read the list, but cancels nothing.
 */
public final class HangupObserver implements Observer, RuntimeType.Api<HangupObserverConfig> {
    private final HangupObserverConfig config;

    private HangupObserver(HangupObserverConfig config) {
        this.config = config;
    }

    /** {@return a builder to set up the observer in code, with the defaults} */
    public static HangupObserverConfig.Builder builder() {
        return HangupObserverConfig.builder();
    }

    static HangupObserver create(HangupObserverConfig config) {
        return new HangupObserver(config);
    }

    static HangupObserver create(Consumer<HangupObserverConfig.Builder> consumer) {
        return builder().update(consumer).build();
    }

    @Override
    public HangupObserverConfig prototype() {
        return config;
    }

    @Override
    public String type() {
        return FeatureKeys.TYPE;
    }

    @Override
    public void register(ServerFeature.ServerFeatureContext context, List<HttpRouting.Builder> routings,
                         UnaryOperator<String> endpoints) {
        String endpoint = endpoints.apply(config.endpoint());
        for (HttpRouting.Builder routing : routings) {
            routing.addFeature(config.enabled()
                    ? feature(endpoint, new Requests(features(context), config.permitAll()))
                    : DisabledObserverFeature.create("Hangup", endpoint + "/*"));
        }
    }

    private static HttpFeature feature(String endpoint, HttpService service) {
        return routing -> routing.register(endpoint, service);
    }

    private static List<Hangup> features(ServerFeature.ServerFeatureContext context) {
        List<Hangup> features = context.serverConfig().features().stream()
                .filter(Hangup.class::isInstance)
                .map(Hangup.class::cast)
                .toList();
        if (features.isEmpty()) {
            throw new IllegalStateException("The observer hangup is enabled, but the server does not have the feature hangup");
        }
        return features;
    }

    private record Requests(List<Hangup> features, boolean permitAll) implements HttpService {
        @Override
        public void routing(HttpRules rules) {
            if (!permitAll) {
                rules.any(SecureHandler.authorize("observe"));
            }
            rules.get("/requests", this::list).delete("/requests/{id}", this::cancel);
        }

        private void list(ServerRequest request, ServerResponse response) {
            response.header(HeaderValues.CONTENT_TYPE_JSON).header(HeaderValues.CACHE_NO_CACHE);
            List<JsonObject> requests = features.stream()
                    .flatMap(it -> it.inFlight().stream())
                    .sorted(Comparator.comparingLong(it -> it.request().id()))
                    .map(Requests::json)
                    .toList();
            response.send(JsonArray.create(requests).toString());
        }

        private void cancel(ServerRequest request, ServerResponse response) {
            if (permitAll && request.headers().contains(HeaderNames.ORIGIN)) {
                throw new ForbiddenException("Without authorization, pages cannot cancel requests");
            }
            long id = id(request.path().pathParameters().get("id"));
            // the number is unique in this JVM
            if (features.stream().noneMatch(it -> it.cancel(id))) {
                throw new NotFoundException("No such request is in flight");
            }
            response.status(Status.NO_CONTENT_204).send();
        }

        private static long id(String text) {
            if (!text.matches("[0-9]{1,18}")) {
                throw new BadRequestException("The id of a request is a number");
            }
            return Long.parseLong(text);
        }

        private static JsonObject json(InFlightRequest request) {
            JsonObject.Builder json = JsonObject.builder()
                    .set("id", request.request().id())
                    .set("method", request.request().method())
                    .set("route", request.request().route())
                    .set("client", request.request().peer())
                    .set("elapsed-ms", request.elapsed().toMillis());
            request.remaining().ifPresent(it -> json.set("remaining-ms", it.toMillis()));
            request.cancelled().ifPresent(it -> json.set("cancelled", it.text()));
            return json.build();
        }
    }
}
