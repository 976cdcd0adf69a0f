package dev.hangup.internal.server;

import java.util.List;

import io.helidon.common.config.Config;
import io.helidon.health.HealthCheck;
import io.helidon.health.HealthCheckResponse;
import io.helidon.health.HealthCheckType;
import io.helidon.health.spi.HealthCheckProvider;

/**
 * Adds a check for readiness, {@code hangup}, to those that Helidon finds: {@code DOWN} while a server of this JVM that has
 * Hangup stops. That a server can be asked at all is Helidon's to show.
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
