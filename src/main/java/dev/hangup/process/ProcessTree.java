package dev.hangup.process;

import java.util.List;

/** A command's process and what descends from it. Used by one thread at a time. */
interface ProcessTree {
    /** Those that live now, parents before their children. */
    List<ProcessHandle> living();

    /** Kills those that end as soon as they have begun the next, too fast to be killed one by one; where that is possible. */
    void killAtOnce();
}
