package dev.hangup.process;

import java.io.UncheckedIOException;
import java.util.List;

/** The process of a command and its descendants. Used by one thread at a time. */
interface ProcessTree {
    /**
     * Returns the processes that live now, parents before their children.
     *
     * @throws UncheckedIOException if they cannot be found now, for example because no file descriptor is free
     */
    List<ProcessHandle> living();

    /**
     * Kills all processes at once if the system allows it. This is for processes that start a successor and end too fast to be
     * killed one by one.
     */
    void killAtOnce();
}
