package dev.hangup.process;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A tree as far as any system tells of it: whoever is a child of one that is known when it is looked at. */
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
        // there is no way to
    }
}
