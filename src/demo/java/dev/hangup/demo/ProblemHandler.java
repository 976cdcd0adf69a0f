package dev.hangup.demo;

import java.nio.charset.StandardCharsets;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.webserver.http.ErrorHandler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import jakarta.json.Json;

/** Sends a JSON problem (RFC 9457) on one line for a request that a route refuses. */
final class ProblemHandler implements ErrorHandler<HttpException> {
    @Override
    public void handle(ServerRequest request, ServerResponse response, HttpException refusal) {
        refusal.headers().forEach(response::header);
        response.status(refusal.status())
                .header(HeaderValues.create(HeaderNames.CONTENT_TYPE, "application/problem+json"))
                .send((Json.createObjectBuilder()
                        .add("type", "about:blank")
                        .add("title", refusal.status().reasonPhrase())
                        .add("status", refusal.status().code())
                        .add("detail", refusal.getMessage())
                        .build() + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
