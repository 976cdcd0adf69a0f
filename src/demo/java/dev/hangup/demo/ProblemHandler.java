package dev.hangup.demo;

import java.nio.charset.StandardCharsets;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.json.JsonObject;
import io.helidon.webserver.http.ErrorHandler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** Sends a JSON problem (RFC 9457) on one line for a request that a route refuses. */
final class ProblemHandler implements ErrorHandler<HttpException> {
    @Override
    public void handle(ServerRequest request, ServerResponse response, HttpException refusal) {
        refusal.headers().forEach(response::header);
        response.status(refusal.status())
                .header(HeaderValues.create(HeaderNames.CONTENT_TYPE, "application/problem+json"))
                .send((JsonObject.builder()
                        .set("type", "about:blank")
                        .set("title", refusal.status().reasonPhrase())
                        .set("status", refusal.status().code())
                        .set("detail", refusal.getMessage())
                        .build() + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
