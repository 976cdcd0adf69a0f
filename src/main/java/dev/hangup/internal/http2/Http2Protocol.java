package dev.hangup.internal.http2;

import java.util.List;

import io.helidon.webserver.ProtocolConfigs;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.http2.Http2UpgradeProvider;

/** Access to HTTP/2 if its module is on the class path. Must not be loaded otherwise. */
public final class Http2Protocol {
    private static final String TYPE = "http_2";

    private Http2Protocol() {
    }

    /** Returns an upgrader equivalent to Helidon's whose connections stay watched. */
    public static Http1Upgrader watched(Http1Upgrader stock, ProtocolConfigs configs) {
        List<Http2Config> http2 = configs.config(TYPE, Http2Config.class);
        if (http2.isEmpty()) {
            return stock;
        }
        Http2Limits limits = Http2Limits.of(http2.getFirst());
        return new WatchedHttp2Upgrader(
                stock, new Http2UpgradeProvider().create(limits.forHelidon(http2.getFirst()), configs), limits);
    }
}
