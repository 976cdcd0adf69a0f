package dev.hangup.proxies;

import dev.hangup.testing.Http2Client;
import dev.hangup.testing.RawClient;

/** A client of a proxy, with one request. */
interface Client extends AutoCloseable {
    /** Sends a request of a kind, of which the upload alone remains unfinished. */
    static Client send(RunningProxy proxy, String version, TrackedWork.Kind kind, String id) {
        return version.equals("2") ? new Http2(proxy, kind, id) : new Http1(proxy, kind, id);
    }

    /** Waits for the first bytes of the response's body. */
    void awaitBody();

    /** Leaves: the connection, or the stream. */
    void leave();

    @Override
    void close();

    /** Over HTTP/1.1. */
    final class Http1 implements Client {
        private final RawClient client;

        Http1(RunningProxy proxy, TrackedWork.Kind kind, String id) {
            client = RawClient.connect(proxy.port());
            if (kind.sent() == 0) {
                client.get(kind.path(id));
            } else {
                client.send("POST " + kind.path(id) + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + kind.announced()
                                    + "\r\n\r\n" + "x".repeat(kind.sent()));
            }
        }

        @Override
        public void awaitBody() {
            client.readHead();
            client.read(1);
        }

        @Override
        public void leave() {
            client.leave();
        }

        @Override
        public void close() {
            client.close();
        }
    }

    /** Over HTTP/2. The connection remains. */
    final class Http2 implements Client {
        private final Http2Client client;
        private final int stream;

        Http2(RunningProxy proxy, TrackedWork.Kind kind, String id) {
            client = Http2Client.over(RawClient.connect(proxy.portOfHttp2()));
            if (kind.sent() == 0) {
                stream = client.get(kind.path(id));
            } else {
                stream = client.post(kind.path(id), "content-length", String.valueOf(kind.announced()));
                for (int left = kind.sent(); left > 0; left -= 10_000) {
                    int length = Math.min(left, 10_000);
                    client.send(Http2Client.data(stream, new byte[length],
                                                 left <= 10_000 && kind != TrackedWork.Kind.UPLOAD));
                }
            }
        }

        @Override
        public void awaitBody() {
            client.awaitBytes(stream, 1);
        }

        @Override
        public void leave() {
            client.send(Http2Client.reset(stream));
        }

        @Override
        public void close() {
            client.close();
        }
    }
}
