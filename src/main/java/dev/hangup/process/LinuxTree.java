package dev.hangup.process;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A tree on Linux, where a process shows whose child it is, which session it is in, and what its environment was. A parent is
 * lost when it ends, a session can be left and an environment can be dropped: so each of them will do.
 */
final class LinuxTree implements ProcessTree {
    /** Whether processes show all that. */
    static final boolean SUPPORTED = ProcessEntry.self().isPresent();
    /** Before those are killed that cannot be seen. Where processes come and go all the time, there may be no such ones. */
    private static final int MAX_LOOKS = 5;
    private static final long OWN_SESSION = ProcessEntry.self().map(ProcessEntry::session).orElse(0L);

    private final String mark;
    private final long root;
    /** When the root began, in the system's ticks: none of the tree is older. */
    private final long since;
    /** The tree's sessions by number, and when one that is in it began, or its root. */
    private final Map<Long, Long> sessions = new HashMap<>();
    private final Set<ProcessEntry.Id> members = new HashSet<>();
    private final Set<ProcessEntry.Id> strangers = new HashSet<>();
    /** Seen in their last state: they will not begin others any more. */
    private final Set<ProcessEntry.Id> ended = new HashSet<>();
    /** Whether the root leads a group, and its number has not been given to others since. */
    private boolean leading;
    /** Of all that were there at the last look, and none of the tree's. */
    private Set<Long> others = Set.of();

    /**
     * A tree with its root.
     *
     * @param root       its root
     * @param mark       is in the root's environment, and in no other command's
     * @param ownSession whether the root leads a session, or will
     */
    LinuxTree(Process root, String mark, boolean ownSession) {
        this.mark = mark;
        Optional<ProcessEntry> entry = ProcessEntry.read(root.pid());
        // not there: it has ended already
        since = entry.or(ProcessEntry::self).orElseThrow().id().start();
        entry.ifPresent(it -> members.add(it.id()));
        this.root = root.pid();
        leading = ownSession;
        if (ownSession) {
            sessions.put(root.pid(), since);
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

    /** The root leads a process group as well as a session, and a signal to a group reaches those too that are just begun. */
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
            // they go on to be killed one by one
        }
    }

    /**
     * Looks at all processes, one after the other, while they go on. One that is listed, and has ended when it is looked at,
     * may have begun another in between, which is not listed: so if none is found, that counts only if there was no such one.
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
        // one that was found may have ended by now as well
        return settled && found.isEmpty();
    }

    private Set<Long> gather(List<ProcessEntry> entries) {
        Set<Long> found = new HashSet<>();
        // a session or a parent may turn out to be the tree's after others were looked at
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

    /** A session's number is free when all of it have ended: who leads one that is older than itself leads another. */
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
        // it is empty for a moment while a process becomes another program
        if (!environment.isEmpty() && !environment.contains(mark)) {
            strangers.add(entry.id());
        }
        return environment.contains(mark);
    }
}
