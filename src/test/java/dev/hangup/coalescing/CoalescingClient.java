package dev.hangup.coalescing;

import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.RawClient;

/** A client that asks one thing after the other, and leaves when it likes, by either protocol. */
interface CoalescingClient extends AutoCloseable {
    /** Sends a request, with a header of its own or without. */
    void ask(String path, String... header);

    /** Waits for its answer. */
    Answer answer();

    /** Leaves before that; may ask again. */
    void leave();

    @Override
    void close();

    /** An answer, whatever it was sent over. */
    record Answer(int status, String text, String cacheStatus) {
    }

    static CoalescingClient http1(int port) {
        return new CoalescingClient() {
            private RawClient client = RawClient.connect(port);
            private boolean abruptly;

            @Override
            public void ask(String path, String... header) {
                client.get(path, header.length == 0 ? "" : header[0] + ": " + header[1] + "\r\n");
            }

            @Override
            public Answer answer() {
                RawClient.Response answer = client.read();
                if ("close".equals(answer.headers().get("connection"))) {
                    connectAnew();
                }
                return new Answer(answer.status(), answer.text(), answer.headers().get("cache-status"));
            }

            @Override
            public void leave() {
                abruptly = !abruptly;
                if (abruptly) {
                    client.reset();
                }
                connectAnew();
            }

            @Override
            public void close() {
                client.close();
            }

            private void connectAnew() {
                client.close();
                client = RawClient.connect(port);
            }
        };
    }

    static CoalescingClient http2(int port) {
        Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(port);
        return new CoalescingClient() {
            private int stream;

            @Override
            public void ask(String path, String... header) {
                stream = client.get(path, header);
            }

            @Override
            public Answer answer() {
                Http2Client.Answer answer = client.answer(stream);
                return new Answer(answer.status(), answer.text(), answer.headers().get("cache-status"));
            }

            @Override
            public void leave() {
                client.send(Http2Client.reset(stream));
            }

            @Override
            public void close() {
                client.close();
            }
        };
    }
}
