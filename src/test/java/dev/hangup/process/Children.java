package dev.hangup.process;

import java.util.List;

import dev.hangup.internal.connection.Usage;

/**
 * What this JVM has of commands' processes, and for them.
 *
 * @param processes that commands have begun, descend from it, and have not ended
 * @param zombies   its children that have ended, and that it has not taken notice of
 * @param pipes     open descriptors of pipes
 * @param threads   that serve commands
 */
public record Children(long processes, long zombies, long pipes, long threads) {
    /** What it has now. */
    public static Children now() {
        long self = ProcessHandle.current().pid();
        List<ProcessEntry> descendants = ProcessHandle.current().descendants()
                .flatMap(it -> ProcessEntry.read(it.pid()).stream())
                .toList();
        // others have other processes: a database, say
        long processes = descendants.stream().filter(it -> it.environment().contains("HANGUP_COMMAND=")).count();
        long zombies = descendants.stream().filter(it -> it.ended() && it.parent() == self).count();
        long threads = Thread.getAllStackTraces().keySet().stream().filter(it -> it.getName().startsWith("command")).count();
        return new Children(processes, zombies, Usage.pipes(), threads);
    }

    /** Whether it is no more of anything: what others have left may go meanwhile. */
    public boolean isWithin(Children bound) {
        return processes <= bound.processes && zombies <= bound.zombies && pipes <= bound.pipes && threads <= bound.threads;
    }
}
