package dev.hangup.process;

import java.io.File;
import java.util.Set;
import java.util.stream.Collectors;

import dev.hangup.connection.Usage;

/**
 * What this JVM has of other processes, and for them.
 *
 * @param descendants processes that descend from it, and have not ended
 * @param zombies     its children that have ended, and that it has not taken notice of
 * @param pipes       open descriptors of pipes
 * @param threads     that serve commands
 */
public record Children(long descendants, long zombies, long pipes, long threads) {
    /** What it has now. */
    public static Children now() {
        long self = ProcessHandle.current().pid();
        Set<Long> descendants = ProcessHandle.current().descendants().map(ProcessHandle::pid).collect(Collectors.toSet());
        long zombies = descendants.stream().flatMap(it -> ProcessEntry.read(it).stream())
                .filter(it -> it.ended() && it.parent() == self)
                .count();
        long living = descendants.stream().flatMap(it -> ProcessEntry.read(it).stream()).filter(it -> !it.ended()).count();
        long threads = Thread.getAllStackTraces().keySet().stream().filter(it -> it.getName().startsWith("command")).count();
        return new Children(living, zombies, Usage.pipes(), threads);
    }
}
