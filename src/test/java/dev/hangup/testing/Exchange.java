package dev.hangup.testing;

import java.util.Locale;

/** One request of a client of its own, by either protocol. */
public interface Exchange extends AutoCloseable {
    /** Waits for the answer. */
    int status();

    /** Leaves before it: the connection, or the stream. */
    void leave();

    @Override
    void close();

    /** What is spoken. */
    enum Protocol {
        /** HTTP/1.1. */
        HTTP_1_1 {
            @Override
            public Exchange send(TestServer server, String path, String... headers) {
                RawClient client = server.connect();
                StringBuilder lines = new StringBuilder();
                for (int i = 0; i < headers.length; i += 2) {
                    lines.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
                }
                client.get(path, lines.toString());
                return new Exchange() {
                    @Override
                    public int status() {
                        return client.read().status();
                    }

                    @Override
                    public void leave() {
                        client.leave();
                    }

                    @Override
                    public void close() {
                        client.close();
                    }
                };
            }
        },
        /** HTTP/2. */
        HTTP_2 {
            @Override
            public Exchange send(TestServer server, String path, String... headers) {
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port());
                String[] lower = headers.clone();
                for (int i = 0; i < lower.length; i += 2) {
                    lower[i] = lower[i].toLowerCase(Locale.ROOT);
                }
                int id = client.get(path, lower);
                return new Exchange() {
                    @Override
                    public int status() {
                        return client.answer(id).status();
                    }

                    @Override
                    public void leave() {
                        client.send(Http2Client.reset(id));
                    }

                    @Override
                    public void close() {
                        client.close();
                    }
                };
            }
        };

        /** Sends a GET; names and values of headers alternate. */
        public abstract Exchange send(TestServer server, String path, String... headers);
    }
}
