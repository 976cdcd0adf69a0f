package dev.hangup.testing;

import java.util.Arrays;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

import io.helidon.logging.common.LogConfig;

/** Loggers that log less while it is open, where thousands of lines would be expected ones. Each gets back its own level. */
public final class Quiet implements AutoCloseable {
    static {
        // the first server would, and so end the quiet
        LogConfig.initClass();
    }

    /** Kept: the log manager forgets the level of a logger that nobody refers to. */
    private final List<Logger> loggers;
    private final List<Level> levels;

    private Quiet(Level level, String... names) {
        this.loggers = Arrays.stream(names).map(Logger::getLogger).toList();
        // a level that is null is the parent's, which no List.of can hold
        this.levels = Arrays.asList(loggers.stream().map(Logger::getLevel).toArray(Level[]::new));
        loggers.forEach(it -> it.setLevel(level));
    }

    /** Loggers by name, with what is below them unless that has a level of its own. */
    public static Quiet below(Level level, String... names) {
        return new Quiet(level, names);
    }

    @Override
    public void close() {
        for (int i = 0; i < loggers.size(); i++) {
            loggers.get(i).setLevel(levels.get(i));
        }
    }
}
