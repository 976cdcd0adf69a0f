package dev.hangup.internal.http2;

import java.util.List;

import io.helidon.webserver.ProtocolConfigs;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.http2.Http2UpgradeProvider;

/** Where the module of HTTP/2 is on the class path; not to be loaded where it is not. */
public final class Http2Protocol {
    private static final String TYPE = "http_2";

    private Http2Protocol() {
    }

    /** An upgrader like the one that Helidon has made, whose connections stay watched. */
    public static Http1Upgrader watched(Http1Upgrader stock, ProtocolConfigs configs) {
        List<Http2Config> http2 = configs.config(TYPE, Http2Config.class);
        if (http2.isEmpty()) {
            return stock;
        }
        Http2Limits limits = Http2Limits.of(http2.getFirst());
        return new WatchedHttp2Upgrader(new Http2UpgradeProvider().create(limits.forHelidon(http2.getFirst()), configs), limits);
    }
}
