package dev.hangup.isolated;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import static java.nio.charset.StandardCharsets.UTF_8;

/** What workers do in tests. Those that last print a line when they begin, which the server logs. */
final class Tasks {
    static final String BEGUN = "has begun";

    private Tasks() {
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    static long number(byte[] text) {
        return Long.parseLong(new String(text, UTF_8));
    }

    private static void begin() {
        System.out.println(BEGUN);
    }

    private static MethodHandle nativeCode(String name, FunctionDescriptor type, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), type, options);
    }

    /** The input. */
    static class Echo implements IsolatedTask {
        @Override
        public byte[] run(byte[] input) {
            return input;
        }
    }

    /** So many bytes. */
    static class Zeros implements IsolatedTask {
        @Override
        public byte[] run(byte[] input) {
            return new byte[(int) number(input)];
        }
    }

    /** The worker's process. */
    static class Pid implements IsolatedTask {
        @Override
        public byte[] run(byte[] input) {
            return bytes(String.valueOf(ProcessHandle.current().pid()));
        }
    }

    /** The session that the worker's process is in. */
    static class Session implements IsolatedTask {
        @Override
        public byte[] run(byte[] input) throws IOException {
            String status = Files.readString(Path.of("/proc/self/stat"));
            return bytes(status.substring(status.lastIndexOf(')')).split(" ")[4]);
        }
    }

    /** So many seconds in native code. */
    static class NativeSleep implements IsolatedTask {
        @Override
        public byte[] run(byte[] input) throws Exception {
            begin();
            try {
                int left = (int) nativeCode("sleep", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
                        .invokeExact((int) number(input));
                return bytes(String.valueOf(left));
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Native code that starts a process, which inherits the worker's connection, and waits as that does. */
    static class Parent implements IsolatedTask {
        @Override
        public byte[] run(byte[] input) throws Exception {
            begin();
            try (Arena arena = Arena.ofConfined()) {
                byte[] command = ("sleep " + number(input) + " & sleep " + number(input) + "\0").getBytes();
                MemorySegment text = arena.allocate(command.length).copyFrom(MemorySegment.ofArray(command));
                int ignored = (int) nativeCode("system", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS))
                        .invokeExact(text);
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
            return new byte[0];
        }
    }

    /** As {@link Parent}, but gives up once it has started that process. */
    static class CrashingParent implements IsolatedTask {
        @Override
        public byte[] run(byte[] input) throws Exception {
            try (Arena arena = Arena.ofConfined()) {
                byte[] command = ("sleep " + number(input) + " &\0").getBytes();
                MemorySegment text = arena.allocate(command.length).copyFrom(MemorySegment.ofArray(command));
                int ignored = (int) nativeCode("system", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS))
                        .invokeExact(text);
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
            return new Abort().run(input);
        }
    }

    /** So many seconds in native code that the JVM takes for its own: it never comes to a safepoint. */
    static class CriticalSleep implements IsolatedTask {
        @Override
        public byte[] run(byte[] input) throws Exception {
            begin();
            try {
                FunctionDescriptor type = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
                int left = (int) nativeCode("sleep", type, critical()).invokeExact((int) number(input));
                return bytes(String.valueOf(left));
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        /** JDK 21 has another name for it. */
        private static Linker.Option critical() throws ReflectiveOperationException {
            for (Method method : Linker.Option.class.getMethods()) {
                if (method.getName().equals("critical")) {
                    return (Linker.Option) method.invoke(null, false);
                }
                if (method.getName().equals("isTrivial")) {
                    return (Linker.Option) method.invoke(null);
                }
            }
            throw new NoSuchMethodException();
        }
    }

    /** Computes until it is killed, in a loop that has nowhere to stop at once it is compiled. */
    static class Loop implements IsolatedTask {
        @Override
        public byte[] run(byte[] input) {
            long sum = 0;
            begin();
            while (true) {
                for (int i = 0; i < Integer.MAX_VALUE; i++) {
                    sum = sum * 31 + i ^ sum >>> 7;
                }
                if (sum == 42) {
                    return bytes(String.valueOf(sum));
                }
            }
        }
    }

    /** Native code that gives up. */
    static class Abort implements IsolatedTask {
        @Override
        public byte[] run(byte[] input) throws Exception {
            try {
                nativeCode("abort", FunctionDescriptor.ofVoid()).invokeExact();
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
            return input;
        }
    }

    /** Native code that reads where nothing is. */
    static class Segfault implements IsolatedTask {
        @Override
        public byte[] run(byte[] input) throws Exception {
            try {
                long length = (long) nativeCode("strlen", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG))
                        .invokeExact(8L);
                return bytes(String.valueOf(length));
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** The end of the JVM, with that code. */
    static class Exit implements IsolatedTask {
        @Override
        public byte[] run(byte[] input) {
            System.exit((int) number(input));
            return input;
        }
    }

    /** More than the heap can hold. */
    static class Greed implements IsolatedTask {
        @Override
        public byte[] run(byte[] input) {
            List<byte[]> much = new ArrayList<>();
            while (true) {
                much.add(new byte[1024 * 1024]);
            }
        }
    }

    /** So many lines, each of which is long. */
    static class Chatter implements IsolatedTask {
        @Override
        public byte[] run(byte[] input) {
            String line = "x".repeat(2000);
            for (long i = number(input); i > 0; i--) {
                System.out.println(line);
                System.err.println(line);
            }
            return input;
        }
    }

    /** Prints what it is given, on a line of its own. */
    static class Printer implements IsolatedTask {
        @Override
        public byte[] run(byte[] input) {
            System.out.println(new String(input, StandardCharsets.UTF_8));
            return input;
        }
    }

    /** Closes all that it has of its server's. */
    static class Closer implements IsolatedTask {
        @Override
        public byte[] run(byte[] input) throws IOException {
            int read = System.in.read();
            System.in.close();
            System.out.close();
            System.err.close();
            return bytes(String.valueOf(read));
        }
    }

    /** Closes its sockets, as native code may that counts wrong. */
    static class SocketCloser implements IsolatedTask {
        @Override
        public byte[] run(byte[] input) throws IOException {
            try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
                files.filter(SocketCloser::isSocket).forEach(SocketCloser::close);
            }
            return input;
        }

        private static boolean isSocket(Path file) {
            try {
                return Files.readSymbolicLink(file).toString().startsWith("socket:");
            } catch (IOException e) {
                return false;
            }
        }

        private static void close(Path file) {
            try {
                int ignored = (int) nativeCode("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
                        .invokeExact(Integer.parseInt(file.getFileName().toString()));
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Throws what the input says. */
    static class Thrower implements IsolatedTask {
        @Override
        public byte[] run(byte[] input) throws Exception {
            switch (new String(input, StandardCharsets.UTF_8)) {
            case "cause" -> throw new IllegalStateException("outer", new IOException("middle", new Secret("inner")));
            case "io" -> throw new IOException("of the task");
            case "error" -> throw new StackOverflowError("deep");
            case "secret" -> throw new Secret("hidden");
            case "interrupt" -> throw new InterruptedException("of the task");
            case "long" -> throw new IllegalStateException("y".repeat(1_000_000));
            case "deep" -> throw deep(1000);
            case "suppressed" -> throw suppressed();
            case "circular" -> throw circular();
            case "hostile" -> throw new Hostile();
            case "null" -> {
                return null;
            }
            default -> throw new IllegalArgumentException((String) null);
            }
        }

        private static IOException suppressed() {
            IOException close = new IOException("on close", new IllegalStateException("broken"));
            close.addSuppressed(new IllegalArgumentException("on the second try"));
            IOException thrown = new IOException("on read");
            thrown.addSuppressed(close);
            thrown.addSuppressed(new Secret("hidden"));
            return thrown;
        }

        /** Each is reached from the other by a thousand ways. */
        private static RuntimeException circular() {
            RuntimeException one = new IllegalStateException("one");
            RuntimeException other = new IllegalStateException("other", one);
            for (int i = 0; i < 1000; i++) {
                one.addSuppressed(other);
            }
            return one;
        }

        private static RuntimeException deep(int depth) {
            RuntimeException next = new IllegalStateException("bottom");
            for (int i = 0; i < depth; i++) {
                next = new IllegalStateException("level " + i, next);
            }
            StackTraceElement[] trace = new StackTraceElement[5000];
            Arrays.fill(trace, new StackTraceElement("Type", "method", "File.java", 1));
            next.setStackTrace(trace);
            return next;
        }
    }

    /** Cannot be made in another JVM. */
    static class Picky implements IsolatedTask {
        private final byte[] result;

        Picky(byte[] result) {
            this.result = result;
        }

        @Override
        public byte[] run(byte[] input) {
            return result;
        }
    }

    private static final class Secret extends RuntimeException {
        private Secret(String message) {
            super(message);
        }
    }

    private static final class Hostile extends RuntimeException {
        @Override
        public String getMessage() {
            throw new IllegalStateException("no message for you");
        }
    }
}
