package dev.hangup.work;

import java.util.List;

/** A command's process and what descends from it. Used by one thread at a time. */
interface ProcessTree {
    /** Those that live now, parents before their children. */
    List<ProcessHandle> living();
}
