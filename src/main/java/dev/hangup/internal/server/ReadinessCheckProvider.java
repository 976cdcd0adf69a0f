package dev.hangup.internal.server;

import java.util.List;

import io.helidon.common.config.Config;
import io.helidon.health.HealthCheck;
import io.helidon.health.HealthCheckResponse;
import io.helidon.health.HealthCheckType;
import io.helidon.health.spi.HealthCheckProvider;

/**
 * Adds the readiness check {@code hangup} to those that Helidon finds. The check is {@code DOWN} while a server of this JVM with
 * Hangup is stopping. Whether a server can be reached at all is covered by Helidon's own checks.
 */
public final class ReadinessCheckProvider implements HealthCheckProvider {
    /** For the service loader. */
    public ReadinessCheckProvider() {
    }

    @Override
    public List<HealthCheck> healthChecks(Config config) {
        return List.of(new Check());
    }

    private static final class Check implements HealthCheck {
        @Override
        public HealthCheckType type() {
            return HealthCheckType.READINESS;
        }

        @Override
        public String name() {
            return "hangup";
        }

        @Override
        public HealthCheckResponse call() {
            boolean ready = Readiness.all();
            HealthCheckResponse.Builder response = HealthCheckResponse.builder().status(ready);
            if (!ready) {
                response.detail("reason", "The server is stopping");
            }
            return response.build();
        }
    }
}
