package dev.hangup.internal.connection;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

import dev.hangup.testing.Trail;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.http.HttpPrologue;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ProtocolConfigs;
import io.helidon.webserver.http1.spi.Http1UpgradeProvider;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ProtocolConfig;
import io.helidon.webserver.spi.ServerConnection;

/** A protocol for HTTP/1.1 connections to be upgraded to: says "HELLO", then in capitals whatever it hears. */
public final class Shout implements Http1UpgradeProvider<Shout.Config> {
    private static final String NAME = "shout";
    private static final String SWITCHING = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: shout\r\n\r\n";

    @Override
    public String protocolType() {
        return NAME;
    }

    @Override
    public Class<Config> protocolConfigType() {
        return Config.class;
    }

    @Override
    public Http1Upgrader create(Config config, ProtocolConfigs configs) {
        return new Upgrader(config.trail());
    }

    /**
     * Makes a server speak it.
     *
     * @param trail is told "left" when a client has
     */
    record Config(Trail trail) implements ProtocolConfig {
        @Override
        public String name() {
            return NAME;
        }

        @Override
        public String type() {
            return NAME;
        }
    }

    private record Upgrader(Trail trail) implements Http1Upgrader {
        @Override
        public String supportedProtocol() {
            return NAME;
        }

        @Override
        public ServerConnection upgrade(ConnectionContext ctx, HttpPrologue prologue, WritableHeaders<?> headers) {
            return prologue.uriPath().path().equals("/shout") ? new Connection(ctx, trail) : null;
        }
    }

    private record Connection(ConnectionContext ctx, Trail trail) implements ServerConnection {
        @Override
        public void handle(Limit limit) {
            say(SWITCHING);
            say("HELLO");
            DataReader reader = ctx.dataReader();
            try {
                while (true) {
                    reader.ensureAvailable();
                    String heard = new String(reader.readBytes(reader.available()), StandardCharsets.US_ASCII);
                    // a permit for each message, as Helidon's WebSocket has it
                    limit.invoke(() -> say(heard.toUpperCase(Locale.ROOT)));
                }
            } catch (DataReader.InsufficientDataAvailableException e) {
                trail.add("left");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        private void say(String text) {
            // not writeNow(), which overtakes what is queued
            ctx.dataWriter().write(BufferData.create(text.getBytes(StandardCharsets.US_ASCII)));
        }

        @Override
        public Duration idleTime() {
            return Duration.ZERO;
        }

        @Override
        public void close(boolean interrupt) {
        }
    }
}
