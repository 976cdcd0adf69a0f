package dev.hangup.isolated;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * In a worker: the end of its server, however that ends, is its own.
 * <p>
 * Its standard input ends with the server, and a thread that waits for that halts the JVM. A JVM does not halt before all
 * its threads have come to a safepoint, though, and a loop or a native call may never: so Linux is told to kill it, too.
 */
final class ParentDeathWatch {
    private static final int PR_SET_PDEATHSIG = 1;
    private static final long SIGKILL = 9;

    private ParentDeathWatch() {
    }

    /** Waits for so long, on a thread of its own, unless it is interrupted: a server that says nothing has forgotten this. */
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

    /** Waits for the end of the server's pipe, on a thread of its own. */
    static void haltAtEnd(InputStream fromServer) {
        Thread.ofPlatform().name("hangup-parent-end").daemon().start(() -> {
            try {
                while (fromServer.read() >= 0) {
                    // it says nothing more
                }
            } catch (IOException e) {
                // as good as its end
            }
            Runtime.getRuntime().halt(0);
        });
    }

    /**
     * Has the kernel kill this process when its server ends. To be called on a thread that lives as long as the worker; for
     * the kernel, the server ends when the thread that made this process does.
     * <p>
     * It also leaves the server's process group, so that a Ctrl-C in the server's terminal does not end the worker in the
     * middle of a call that the server would have let end.
     *
     * @param server its process
     */
    static void killWith(long server) {
        String system = System.getProperty("os.name");
        try {
            int ignored = (int) call("setsid", FunctionDescriptor.of(ValueLayout.JAVA_INT)).invokeExact();
            if (!system.equals("Linux")) {
                return;
            }
            int refused = (int) call("prctl", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
                                                                    ValueLayout.JAVA_LONG), Linker.Option.firstVariadicArg(1))
                    .invokeExact(PR_SET_PDEATHSIG, SIGKILL);
            if (refused != 0) {
                System.err.println("prctl refused to kill this process with its server");
            }
            // it may have ended before
            int parent = (int) call("getppid", FunctionDescriptor.of(ValueLayout.JAVA_INT)).invokeExact();
            if (parent != server) {
                Runtime.getRuntime().halt(0);
            }
        } catch (Throwable e) {
            System.err.println("Will not be killed with its server: " + e);
        }
    }

    private static MethodHandle call(String name, FunctionDescriptor type, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), type, options);
    }
}
