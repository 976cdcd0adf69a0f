package dev.hangup.isolated;

import java.io.DataInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The main class of a worker JVM, which runs one call after the other. The server sends the path of its socket and a token for
 * it over standard input. This class uses nothing of Helidon, since that would have to be loaded first.
 */
final class WorkerMain {
    private final SocketChannel server;
    private final int maxBytes;
    private final Map<String, Constructor<?>> tasks = new HashMap<>();

    private WorkerMain(SocketChannel server, int maxBytes) {
        this.server = server;
        this.maxBytes = maxBytes;
    }

    /**
     * Runs calls until the server ends.
     *
     * @param arguments how long to wait for the server's greeting, in milliseconds
     */
    public static void main(String[] arguments) {
        try {
            Thread silenceTimeout = ParentDeathWatch.haltAfter(Long.parseLong(arguments[0]));
            DataInputStream fromServer = new DataInputStream(new FileInputStream(FileDescriptor.in));
            byte[] token = fromServer.readNBytes(WorkerFrame.TOKEN_BYTES);
            String socket = fromServer.readUTF();
            long serversProcess = fromServer.readLong();
            int maxBytes = fromServer.readInt();
            silenceTimeout.interrupt();
            System.setIn(InputStream.nullInputStream());
            ParentDeathWatch.haltAtEnd(fromServer);
            ParentDeathWatch.killWith(serversProcess);
            SocketChannel server = SocketChannel.open(UnixDomainSocketAddress.of(socket));
            server.write(ByteBuffer.allocate(Integer.BYTES + token.length).putInt(WorkerFrame.GREETING).put(token).flip());
            new WorkerMain(server, maxBytes).work();
        } catch (IOException e) {
            // the server has ended, or has closed the connection
        } finally {
            Runtime.getRuntime().halt(0);
        }
    }

    private void work() throws IOException {
        DataInputStream calls = WorkerFrame.input(server);
        while (true) {
            WorkerFrame call = WorkerFrame.read(calls, maxBytes);
            run(call).write(server);
        }
    }

    private WorkerFrame run(WorkerFrame call) {
        try {
            byte[] result = Objects.requireNonNull(task(call.name()).run(call.bytes()), "The task's result is null");
            if (result.length > maxBytes) {
                throw new IllegalStateException("The result has " + result.length + " bytes, more than max-bytes ("
                                                        + maxBytes + ")");
            }
            return new WorkerFrame(WorkerFrame.RESULT, "", result);
        } catch (Throwable e) {
            return new WorkerFrame(WorkerFrame.THROWN, "", ExceptionCodec.write(e));
        } finally {
            // must not affect the next call
            Thread.interrupted();
        }
    }

    private IsolatedTask task(String name) throws Throwable {
        Constructor<?> constructor = tasks.get(name);
        if (constructor == null) {
            constructor = constructor(name);
            tasks.put(name, constructor);
        }
        try {
            return (IsolatedTask) constructor.newInstance();
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static Constructor<?> constructor(String name) {
        try {
            Constructor<?> constructor = Class.forName(name).asSubclass(IsolatedTask.class).getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor;
        } catch (ReflectiveOperationException | InaccessibleObjectException e) {
            throw new IllegalArgumentException(name + " cannot be instantiated in a worker: a task must be a class on the class"
                                                       + " path, or in a package that its module opens to dev.hangup, with a"
                                                       + " constructor without parameters", e);
        }
    }
}
