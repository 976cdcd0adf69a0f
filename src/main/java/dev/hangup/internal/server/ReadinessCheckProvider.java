package dev.hangup.internal.server;

import java.util.List;
import java.util.Optional;

import io.helidon.common.config.Config;
import io.helidon.health.HealthCheck;
import io.helidon.health.HealthCheckResponse;
import io.helidon.health.HealthCheckType;
import io.helidon.health.spi.HealthCheckProvider;

/**
 * Adds the readiness check {@code hangup} to those that Helidon finds. The check is {@code DOWN} while a server of this JVM with
 * Hangup is stopping, or a listener of one has ended by itself. Helidon's own checks cover neither.
 * A server that cannot join its cluster computes all keys itself, and is ready; the detail {@code cluster} says so.
 */
public final class ReadinessCheckProvider implements HealthCheckProvider {
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
            Optional<String> reason = Readiness.reason();
            HealthCheckResponse.Builder response = HealthCheckResponse.builder().status(reason.isEmpty());
            reason.ifPresent(it -> response.detail("reason", it));
            String cluster = ClusterMembership.text();
            if (!cluster.isEmpty()) {
                response.detail("cluster", cluster);
            }
            return response.build();
        }
    }
}
