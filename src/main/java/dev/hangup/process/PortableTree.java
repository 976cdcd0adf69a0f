package dev.hangup.process;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A process tree on any system: processes whose parent is known to belong to the tree when they are seen. */
final class PortableTree implements ProcessTree {
    private final Map<Long, ProcessHandle> known = new LinkedHashMap<>();

    PortableTree(Process root) {
        known.put(root.pid(), root.toHandle());
    }

    @Override
    public List<ProcessHandle> living() {
        List<ProcessHandle> before = List.copyOf(known.values());
        before.forEach(it -> it.descendants().forEach(descendant -> known.put(descendant.pid(), descendant)));
        known.values().removeIf(it -> !it.isAlive());
        return List.copyOf(known.values());
    }

    @Override
    public void killAtOnce() {
        // not possible on every system
    }
}
