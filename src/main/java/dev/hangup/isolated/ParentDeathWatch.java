package dev.hangup.isolated;

import java.io.IOException;
import java.io.InputStream;

/**
 * Ends a worker with its server, even if the server is killed.
 * <p>
 * The worker's standard input ends with the server, and a thread that waits for that halts the JVM. However, a JVM halts only
 * at a safepoint, which a loop or a native call may never reach. On Linux, the kernel is therefore asked to kill the worker,
 * too.
 */
final class ParentDeathWatch {
    private static final int PR_SET_PDEATHSIG = 1;
    private static final long SIGKILL = 9;

    private ParentDeathWatch() {
    }

    /**
     * Halts the JVM after a time, on a thread of its own, unless that thread is interrupted before. A server that has sent
     * nothing by then has given up on this worker.
     */
    static Thread haltAfter(long millis) {
        return Thread.ofPlatform().name("hangup-parent-silence").daemon().start(() -> {
            try {
                Thread.sleep(millis);
            } catch (InterruptedException e) {
                return;
            }
            Runtime.getRuntime().halt(0);
        });
    }

    /** Halts the JVM at the end of the server's pipe, on a thread of its own. */
    static void haltAtEnd(InputStream fromServer) {
        Thread.ofPlatform().name("hangup-parent-end").daemon().start(() -> {
            try {
                while (fromServer.read() >= 0) {
                    // the server sends nothing more
                }
            } catch (IOException e) {
                // treated as the end of the pipe
            }
            Runtime.getRuntime().halt(0);
        });
    }

    /**
     * Asks the kernel to kill this process when its server ends. The calling thread must live as long as the worker. For the
     * kernel, the server ends when the thread that started this process ends.
     * <p>
     * This method also leaves the server's process group, so that a Ctrl-C in the server's terminal does not end the worker in
     * the middle of a call that the server would let finish.
     *
     * @param server the process id of the server
     */
    static void killWith(long server) {
        String system = System.getProperty("os.name");
        try {
            int ignored = (int) NativeFunction.of("setsid").invokeExact();
            if (!system.equals("Linux")) {
                return;
            }
            int refused = (int) NativeFunction.variadic("prctl").invokeExact(PR_SET_PDEATHSIG, SIGKILL);
            if (refused != 0) {
                System.err.println("prctl refused to kill this process with its server");
            }
            // the server may have ended before
            int parent = (int) NativeFunction.of("getppid").invokeExact();
            if (parent != server) {
                Runtime.getRuntime().halt(0);
            }
        } catch (Throwable e) {
            System.err.println("This process will not be killed with its server: " + e);
        }
    }
}
