package dev.hangup.internal.connection;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.hangup.testing.Await;
import dev.hangup.testing.Browser;
import dev.hangup.testing.Transport;

/** Clients that others have written, at an upload that takes long. */
enum UploadingClient {
    /** What Debian has, or another that {@code -Dhangup.curl="COMMAND"} names. */
    CURL {
        @Override
        Optional<String> missing() {
            return without("curl", "curl");
        }

        @Override
        Answer upload(URI target, boolean http2) throws Exception {
            String version = !http2 ? "--http1.1" : target.getScheme().equals("http") ? "--http2-prior-knowledge" : "--http2";
            List<String> command = new ArrayList<>(List.of(System.getProperty("hangup.curl", "curl").split(" ")));
            command.addAll(List.of("-sSki", version, "-T", file().toString(), "--limit-rate", "200k", "-H", "Expect:",
                                   "-H", DEADLINE + ": " + millis(target), target.toString()));
            String said = run(command);
            return new Answer(http2 ? "HTTP/2" : "HTTP/1.1", Integer.parseInt(first("^HTTP/\\S+ (\\d+)", said)),
                              first("(?im)^retry-after: (\\S+)", said), said.substring(said.indexOf("\r\n\r\n") + 4));
        }
    },
    /** nghttp2's. It knows no HTTP/1.1. */
    NGHTTP {
        @Override
        Optional<String> missing() {
            return without("nghttp", "nghttp2-client");
        }

        @Override
        boolean speaks(boolean http2, boolean secure) {
            return http2;
        }

        @Override
        Answer upload(URI target, boolean http2) throws Exception {
            String said = run(List.of("nghttp", "-v", "--no-verify-peer", "-d", file().toString(),
                                      "-H", DEADLINE + ": " + millis(target), target.toString()));
            // frames of what it sends may stand between lines, and in the midst of a body that is long
            return new Answer("HTTP/2", Integer.parseInt(first(":status: (?:\\S*m)?(\\d+)", said)),
                              first("retry-after: (?:\\S*m)?(\\d+)", said), said);
        }
    },
    /**
     * The JDK's. In clear text it speaks HTTP/2 only after an upgrade, for which its first request has no body. With HTTP/1.1
     * it reads nothing before it has sent all.
     */
    JDK {
        @Override
        boolean speaks(boolean http2, boolean secure) {
            return http2;
        }

        @Override
        Answer upload(URI target, boolean http2) throws Exception {
            try (HttpClient client = HttpClient.newBuilder()
                    .version(http2 ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1)
                    .sslContext(Transport.trusting())
                    .build()) {
                client.send(HttpRequest.newBuilder(target.resolve("/next")).build(), HttpResponse.BodyHandlers.discarding());
                HttpResponse<String> response = client.send(HttpRequest.newBuilder(target)
                        .header(DEADLINE, millis(target))
                        .timeout(Await.TIME)
                        .POST(HttpRequest.BodyPublishers.fromPublisher(UploadingClient::publishSome, SIZE))
                        .build(), HttpResponse.BodyHandlers.ofString());
                return new Answer(response.version() == HttpClient.Version.HTTP_2 ? "HTTP/2" : "HTTP/1.1",
                                  response.statusCode(), response.headers().firstValue("retry-after").orElse(""),
                                  response.body());
            }
        }
    },
    /** A browser's fetch. Browsers speak HTTP/2 over TLS only, and HTTP/1.1 there only where HTTP/2 is not offered. */
    CHROMIUM {
        @Override
        Optional<String> missing() {
            return Browser.missing();
        }

        @Override
        boolean speaks(boolean http2, boolean secure) {
            return http2 == secure;
        }

        @Override
        Answer upload(URI target, boolean http2) {
            List<?> read = (List<?>) browser().go(target.resolve("/next").toString()).run("""
                    return fetch(arguments[0], {method: 'POST', body: new Blob([new Uint8Array(arguments[1])]),
                            headers: {[arguments[2]]: arguments[3]}})
                        .then(async it => [performance.getEntriesByType('navigation')[0].nextHopProtocol, it.status,
                                           it.headers.get('retry-after') ?? '', await it.text()])
                    """, target.toString(), SIZE, DEADLINE, millis(target));
            return new Answer(read.get(0).equals("h2") ? "HTTP/2" : "HTTP/1.1", ((Number) read.get(1)).intValue(),
                              (String) read.get(2), (String) read.get(3));
        }
    };

    private static final String DEADLINE = "X-Request-Timeout-Ms";
    /** More than a stream's window, and than the buffers of both sides' sockets. */
    private static final int SIZE = 20_000_000;
    private static final int SOME = 50_000;

    private static Browser browser;
    private static Path file;

    /** Why it can't be tried; empty if it can. */
    Optional<String> missing() {
        return Optional.empty();
    }

    boolean speaks(boolean http2, boolean secure) {
        return true;
    }

    /** Short only where the deadline is what the answer says: elsewhere it must not pass before, on a slow machine. */
    private static String millis(URI target) {
        return target.getPath().equals("/work") ? "300" : "60000";
    }

    /** Uploads with a deadline; what it has read of the answer. */
    abstract Answer upload(URI target, boolean http2) throws Exception;

    /** Ends what was begun for all uploads. */
    static void end() throws IOException {
        if (browser != null) {
            browser.close();
            browser = null;
        }
        if (file != null) {
            Files.delete(file);
            file = null;
        }
    }

    private static Browser browser() {
        if (browser == null) {
            try {
                browser = Browser.open();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return browser;
    }

    private static Path file() throws IOException {
        if (file == null) {
            file = Files.createTempFile("hangup-upload", "");
            try (RandomAccessFile empty = new RandomAccessFile(file.toFile(), "rw")) {
                empty.setLength(SIZE);
            }
        }
        return file;
    }

    private static Optional<String> without(String command, String debian) {
        boolean there = Stream.of(System.getenv("PATH").split(":")).anyMatch(it -> Files.isExecutable(Path.of(it, command)));
        return there ? Optional.empty() : Optional.of("there is no " + command + " (Debian: apt-get install " + debian + ")");
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Path said = Files.createTempFile("hangup-client", "");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
        try {
            if (!process.waitFor(Await.TIME.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(command + " does not end, and said " + Files.readString(said));
            }
            String all = Files.readString(said);
            if (process.exitValue() != 0) {
                throw new AssertionError(command + " ended with " + process.exitValue() + ", and said " + all);
            }
            return all;
        } finally {
            process.destroyForcibly();
            Files.delete(said);
        }
    }

    private static String first(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        return matcher.find() ? matcher.group(1) : "";
    }

    /**
     * What a client has read.
     *
     * @param retryAfter empty for none
     */
    record Answer(String protocol, int status, String retryAfter, String body) {
    }

    /** Some bytes, after which the others never come. */
    private static void publishSome(Flow.Subscriber<? super ByteBuffer> subscriber) {
        AtomicBoolean first = new AtomicBoolean(true);
        subscriber.onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long count) {
                if (first.getAndSet(false)) {
                    subscriber.onNext(ByteBuffer.allocate(SOME));
                }
            }

            @Override
            public void cancel() {
            }
        });
    }
}
