package dev.hangup.parity;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;

import dev.hangup.testing.Trail;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerResponse;

/** The routes of a case, on one of the ways; and what they noted, which must be the same on each. */
record Scene(Variant variant, HttpRouting.Builder routing, Trail notes) {
    static final HeaderName X = HeaderNames.create("X-Test");
    static final HeaderName Y = HeaderNames.create("Y-Test");

    Scene get(Handler handler) {
        return get("/", handler);
    }

    Scene get(String path, Handler handler) {
        routing.get(path, variant.handler(handler));
        return this;
    }

    Scene post(Handler handler) {
        routing.post("/", variant.handler(handler));
        return this;
    }

    /** A filter of all but the last request. */
    Scene filter(Filter filter) {
        routing.addFilter(new NotTheLast(filter));
        return this;
    }

    void note(Object seen) {
        notes.add(String.valueOf(seen));
    }

    /** Adds a header to the answer as late as it gets, and notes what there was. */
    void beforeSend(ServerResponse response, String value) {
        response.beforeSend(() -> {
            note("before send " + value + " " + response.status().code() + " " + response.headers().values(X));
            response.headers().add(X, value);
        });
    }

    void whenSent(ServerResponse response, String value) {
        response.whenSent(() -> note("when sent " + value + " " + response.status().code() + " " + response.isSent()
                                             + " " + response.headers().values(X)));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) ('a' + i % 26);
        }
        return bytes;
    }

    /** Marks each call of a stream, so that the client sees where it was. */
    UnaryOperator<OutputStream> marking(char mark) {
        return stream -> {
            note("filter " + mark);
            return new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    stream.write(mark);
                    stream.write(b);
                }

                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    stream.write(new byte[] {(byte) mark, '('});
                    stream.write(bytes, offset, length);
                    stream.write(')');
                }

                @Override
                public void flush() throws IOException {
                    stream.write(new byte[] {(byte) mark, '!'});
                    stream.flush();
                }

                @Override
                public void close() throws IOException {
                    stream.write(new byte[] {(byte) mark, '.'});
                    stream.close();
                }
            };
        };
    }

    private record NotTheLast(Filter delegate) implements Filter {
        @Override
        public void filter(FilterChain chain, RoutingRequest req, RoutingResponse res) {
            if (req.prologue().uriPath().path().equals("/last")) {
                chain.proceed();
            } else {
                delegate.filter(chain, req, res);
            }
        }

        @Override
        public String toString() {
            // for Helidon's messages
            return "filter";
        }
    }
}
