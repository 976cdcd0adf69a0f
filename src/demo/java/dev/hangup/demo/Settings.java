package dev.hangup.demo;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.config.ConfigSources;
import io.helidon.config.spi.ConfigSource;

/**
 * The sources of the configuration, by precedence: the environment and system properties, the file that {@code -Dhangup.config}
 * names, and {@code application.yaml} on the class path.
 */
final class Settings {
    private static final String FILE_KEY = "hangup.config";

    private Settings() {
    }

    static Config load() {
        Supplier<? extends ConfigSource> defaults = ConfigSources.classpath("application.yaml");
        String file = System.getProperty(FILE_KEY);
        if (file == null) {
            return Config.create(defaults);
        }
        Path path = Path.of(file);
        if (!Files.isReadable(path)) {
            throw new ConfigException(FILE_KEY + " names a file that cannot be read: " + path);
        }
        return Config.create(ConfigSources.file(path), defaults);
    }
}
