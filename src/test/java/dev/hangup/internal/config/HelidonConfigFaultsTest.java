package dev.hangup.internal.config;

import java.util.Map;

import dev.hangup.testing.WorkedAroundBy;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertFalse;

/** A fault of Helidon 4.5.0 in how it reads configuration, as long as it is there. */
class HelidonConfigFaultsTest {
    @Test
    @WorkedAroundBy(value = ConfigBounds.class, members = "trueOrFalse")
    void misspeltWordIsFalse() {
        assertFalse(Config.just(ConfigSources.create(Map.of("watch", "ture"))).get("watch").asBoolean().get());
    }
}
