package dev.hangup.internal.outcome;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import dev.hangup.internal.carriers.RunningRequests;

/**
 * Finds out whether a thread spins with its interrupt status set. Some calls that wait return at once for as long as the status
 * is set, so a loop around them that waited patiently becomes a hot one. No API reports how much a virtual thread computes, so
 * the thread is looked at a few times: one that spins is on the processor each time.
 */
final class SpinCheck {
    private static final int LOOKS = 3;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    /** The calls that return at once while the interrupt status is set, as frames name them and as the report does. */
    private static final Map<String, String> HOT = Map.of(
            "java.util.concurrent.locks.LockSupport.park", "LockSupport.park",
            "java.util.concurrent.locks.LockSupport.parkNanos", "LockSupport.parkNanos",
            "java.util.concurrent.locks.LockSupport.parkUntil", "LockSupport.parkUntil",
            "sun.nio.ch.SelectorImpl.select", "Selector.select");

    private SpinCheck() {
    }

    /**
     * Returns the call that a thread spins in, or else the innermost method of the application; empty if the thread was not on the
     * processor at each look, or may be blocked in a native method. Takes a few milliseconds if the interrupt status of the thread
     * is set, and no time otherwise.
     */
    static Optional<String> spinningIn(Thread thread) {
        Optional<String> found = look(thread);
        for (int look = 1; look < LOOKS && found.isPresent(); look++) {
            LockSupport.parkNanos(PAUSE_NANOS);
            Optional<String> before = found;
            // the call is not seen by each look: the loop around it runs as well, and compiled code may have one frame for both
            found = look(thread).map(it -> HOT.containsValue(before.get()) ? before.get() : it);
        }
        return found;
    }

    private static Optional<String> look(Thread thread) {
        // the interrupt status of a thread that waits in one of these calls is clear; that of a thread that waits for a carrier may
        // be set
        if (!thread.isInterrupted() || thread.isVirtual() && !RunningRequests.isMounted(thread)) {
            return Optional.empty();
        }
        StackTraceElement[] stack = thread.getStackTrace();
        // the outermost: a selector parks its thread
        Optional<String> hot = Arrays.stream(stack).takeWhile(SpinCheck::isJdkFrame).map(SpinCheck::name)
                .filter(HOT::containsKey).reduce((inner, outer) -> outer);
        if (hot.isPresent()) {
            return hot.map(HOT::get);
        }
        // a native method may be blocked, which looks the same
        if (stack.length == 0 || thread.getState() != Thread.State.RUNNABLE
                || stack[0].isNativeMethod() && !stack[0].getClassName().startsWith("java.lang.")) {
            return Optional.empty();
        }
        return Arrays.stream(stack).dropWhile(SpinCheck::isJdkFrame).findFirst().map(SpinCheck::name);
    }

    private static boolean isJdkFrame(StackTraceElement frame) {
        return frame.getModuleName() != null && frame.getModuleName().startsWith("java.");
    }

    private static String name(StackTraceElement frame) {
        return frame.getClassName() + "." + frame.getMethodName();
    }
}
