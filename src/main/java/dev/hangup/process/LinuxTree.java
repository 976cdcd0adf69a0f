package dev.hangup.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A process tree on Linux, where a process shows its parent, its session and its initial environment. A parent's number is lost
 * when it ends, a process can leave a session, and an environment can be dropped. Each of the three is therefore sufficient.
 */
final class LinuxTree implements ProcessTree {
    /** Whether {@code /proc} provides the entries of processes. */
    static final boolean SUPPORTED = ProcessEntry.self().isPresent();
    /**
     * The number of inconclusive looks after which the root's process group is killed. On a machine where processes constantly
     * come and go, such looks do not prove that the tree has unseen processes.
     */
    private static final int MAX_LOOKS = 5;
    private static final long OWN_SESSION = ProcessEntry.self().map(ProcessEntry::session).orElse(0L);
    /** The start time of this JVM, in the system's ticks. */
    private static final long STARTED = ProcessEntry.self().map(it -> it.id().start()).orElse(0L);

    private final String mark;
    private final long root;
    /** The start time of the root, in the system's ticks; no process of the tree is older. */
    private final long since;
    /** The tree's sessions by number, each with the start time of one of its processes, or of the root. */
    private final Map<Long, Long> sessions = new HashMap<>();
    private final Set<ProcessEntry.Id> members = new HashSet<>();
    private final Set<ProcessEntry.Id> strangers = new HashSet<>();
    /** Processes that were seen to have ended; they start no others. */
    private final Set<ProcessEntry.Id> ended = new HashSet<>();
    /** Whether the root leads a process group whose number has not been reused since. */
    private boolean leading;
    /** The processes outside of the tree at the last look. */
    private Set<Long> others = Set.of();

    /**
     * @param mark       a value in the root's environment, and in no other command's
     * @param ownSession whether the root leads a session, or will
     */
    LinuxTree(Process root, String mark, boolean ownSession) {
        this.mark = mark;
        Optional<ProcessEntry> entry = entry(root.pid());
        // if the root has ended already, no process of its tree is older than this JVM
        since = entry.map(it -> it.id().start()).orElse(STARTED);
        entry.ifPresent(it -> members.add(it.id()));
        this.root = root.pid();
        leading = ownSession;
        if (ownSession) {
            sessions.put(root.pid(), since);
        }
    }

    private static Optional<ProcessEntry> entry(long root) {
        try {
            return ProcessEntry.read(root);
        } catch (UncheckedIOException e) {
            // it is found by its session or its environment
            return Optional.empty();
        }
    }

    @Override
    public List<ProcessHandle> living() {
        List<ProcessHandle> living = new ArrayList<>();
        for (int i = 0; i < MAX_LOOKS; i++) {
            boolean settled = look(living);
            if (settled || !living.isEmpty()) {
                return living;
            }
        }
        killAtOnce();
        look(living);
        return living;
    }

    /** Signals the process group that the root leads; the signal also reaches processes that are just being started. */
    @Override
    public void killAtOnce() {
        if (!leading) {
            return;
        }
        try {
            new ProcessBuilder("/bin/sh", "-c", "kill -s KILL -- -" + root)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException | InterruptedException e) {
            // the processes are killed one by one instead
        }
    }

    /**
     * Reads the entries of all processes, one after the other, while they run. A listed process that has ended by the time it
     * is read may have started another one, which is not listed. An empty result is therefore conclusive only if no listed
     * process has ended meanwhile.
     */
    private boolean look(List<ProcessHandle> living) {
        boolean settled = true;
        Set<Long> pids = new HashSet<>();
        List<ProcessEntry> rest = new ArrayList<>();
        for (long pid : ProcessEntry.pids()) {
            ProcessEntry entry = ProcessEntry.read(pid).orElse(null);
            if (entry == null) {
                settled &= others.contains(pid);
            } else if (entry.ended() && entry.id().start() >= since) {
                settled &= !ended.add(entry.id()) || strangers.contains(entry.id());
            } else {
                pids.add(pid);
                if (entry.id().start() >= since) {
                    rest.add(entry);
                }
            }
        }
        forgetReused(rest);
        Set<Long> found = gather(rest);
        leading &= rest.stream().noneMatch(it -> it.group() == root);
        pids.removeAll(found);
        others = pids;
        found.stream().sorted().flatMap(it -> ProcessHandle.of(it).stream()).forEach(living::add);
        // a process found earlier may have ended by now as well
        return settled && found.isEmpty();
    }

    private Set<Long> gather(List<ProcessEntry> entries) {
        Set<Long> found = new HashSet<>();
        // a session or a parent may be recognised only after its members and children were read
        boolean grown = true;
        while (grown) {
            grown = entries.removeIf(it -> {
                if (belongs(it, found)) {
                    found.add(it.id().pid());
                    members.add(it.id());
                    strangers.remove(it.id());
                    if (it.session() != OWN_SESSION) {
                        sessions.putIfAbsent(it.session(), it.id().start());
                    }
                    return true;
                }
                return false;
            });
        }
        return found;
    }

    /**
     * Forgets sessions whose number was reused. The number is free once all processes of the session have ended, so a leader
     * younger than the session leads another one.
     */
    private void forgetReused(List<ProcessEntry> entries) {
        entries.stream()
                .filter(it -> it.leads() && it.id().start() > sessions.getOrDefault(it.session(), Long.MAX_VALUE))
                .forEach(it -> sessions.remove(it.session()));
    }

    private boolean belongs(ProcessEntry entry, Set<Long> pids) {
        return members.contains(entry.id()) || pids.contains(entry.parent()) || sessions.containsKey(entry.session())
                || isMarked(entry);
    }

    private boolean isMarked(ProcessEntry entry) {
        if (strangers.contains(entry.id())) {
            return false;
        }
        String environment = entry.environment();
        // the environment is empty for a moment while a process executes another program
        if (!environment.isEmpty() && !environment.contains(mark)) {
            strangers.add(entry.id());
        }
        return environment.contains(mark);
    }
}
