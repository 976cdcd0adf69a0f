package dev.hangup;

import io.helidon.builder.api.Prototype;
import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.http.Method;

/** Reads what Helidon's config cannot by itself, and says which key is missing. */
final class HangupPathConfigSupport implements Prototype.BuilderDecorator<HangupPathConfig.BuilderBase<?, ?>> {
    HangupPathConfigSupport() {
    }

    @Override
    public void decorate(HangupPathConfig.BuilderBase<?, ?> target) {
        if (target.path().isEmpty()) {
            throw new ConfigException(target.config().map(it -> it.key() + ".path").orElse("path") + " is required");
        }
    }

    static final class CustomMethods {
        private CustomMethods() {
        }

        @Prototype.ConfigFactoryMethod("methods")
        static Method createMethod(Config config) {
            String name = config.asString().get();
            try {
                return Method.create(name);
            } catch (IllegalArgumentException e) {
                throw new ConfigException(config.key() + " is no method: " + e.getMessage(), e);
            }
        }
    }
}
