package dev.hangup.isolated;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What a server makes of a worker's answers: of one that is none, the worker's end. */
class WorkerTest {
    private static final int MAX_BYTES = 1000;
    private static final byte[] NOTHING = {};

    @TempDir
    private Path folder;

    private Process process;
    private SocketChannel itsEnd;
    private SocketChannel connection;

    @BeforeEach
    void connect() throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("socket"));
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address)) {
            itsEnd = SocketChannel.open(address);
            connection = socket.accept();
        }
        process = new ProcessBuilder("sleep", "600").start();
    }

    @AfterEach
    void disconnect() throws IOException {
        process.destroyForcibly();
        itsEnd.close();
        connection.close();
    }

    @Test
    void answersAreReadOneAfterTheOther() throws Exception {
        Worker worker = new Worker(process, connection, MAX_BYTES);
        say(answer(WorkerFrame.RESULT, 1, new byte[] {1}));
        say(answer(WorkerFrame.RESULT, 1, new byte[] {2}));
        assertArrayEquals(new byte[] {1}, worker.call("task", NOTHING));
        assertArrayEquals(new byte[] {2}, worker.call("task", NOTHING));
        assertTrue(worker.usable());
    }

    @Test
    void whenMemoryIsShortInTheMiddleOfAnAnswerItsRestIsNotTheNextOne() throws Exception {
        // longer than any array that there may be
        Worker worker = new Worker(process, connection, Integer.MAX_VALUE);
        say(answer(WorkerFrame.RESULT, Integer.MAX_VALUE, answer(WorkerFrame.RESULT, 1, new byte[] {1})));
        assertThrows(OutOfMemoryError.class, () -> worker.call("task", NOTHING));
        assertEnded(worker);
        assertThrows(WorkerEndedException.class, () -> worker.call("task", NOTHING));
    }

    @Test
    void exceptionsMayBeAsManyAndAsLongAsAWorkerReportsOf() throws Exception {
        Worker worker = new Worker(process, connection, MAX_BYTES);
        say(thrown(32, 1));
        assertThrows(RuntimeException.class, () -> worker.call("task", NOTHING));
        say(thrown(1, 256));
        assertThrows(RuntimeException.class, () -> worker.call("task", NOTHING));
        assertTrue(worker.usable());
    }

    @ParameterizedTest
    @MethodSource
    void whatIsNoAnswerEndsTheWorker(byte[] answer) throws Exception {
        Worker worker = new Worker(process, connection, MAX_BYTES);
        say(answer);
        itsEnd.shutdownOutput();
        assertThrows(WorkerEndedException.class, () -> worker.call("task", NOTHING));
        assertEnded(worker);
    }

    static List<byte[]> whatIsNoAnswerEndsTheWorker() throws IOException {
        return List.of(
                // nothing at all, half of a header, half of the bytes
                NOTHING,
                new byte[] {WorkerFrame.RESULT, 0},
                answer(WorkerFrame.RESULT, 2, new byte[] {1}),
                // half of a name; a name, which only calls have
                new byte[] {WorkerFrame.RESULT, 0, 5, 'n', 'a', 'm'},
                new byte[] {WorkerFrame.RESULT, 0, 1, 'n', 0, 0, 0, 0},
                // none of the kinds; a call
                answer((byte) 0, 0, NOTHING),
                answer((byte) 4, 0, NOTHING),
                answer((byte) -1, 0, NOTHING),
                answer(WorkerFrame.CALL, 1, new byte[] {1}),
                // more than there may be, or less
                answer(WorkerFrame.RESULT, MAX_BYTES + 1, NOTHING),
                answer(WorkerFrame.RESULT, Integer.MAX_VALUE, NOTHING),
                answer(WorkerFrame.RESULT, -1, NOTHING),
                answer(WorkerFrame.THROWN, WorkerFrame.MAX_THROWN + 1, NOTHING),
                answer(WorkerFrame.THROWN, Integer.MIN_VALUE, NOTHING),
                // no exceptions
                answer(WorkerFrame.THROWN, 0, NOTHING),
                answer(WorkerFrame.THROWN, 1, new byte[] {0}),
                answer(WorkerFrame.THROWN, 3, new byte[] {1, -1, -1}),
                thrown(1, 257),
                thrown(33, 0));
    }

    private void assertEnded(Worker worker) {
        assertFalse(worker.usable());
        assertFalse(process.isAlive());
        assertEquals(128 + 9, process.exitValue());
        assertFalse(connection.isOpen());
    }

    private void say(byte[] bytes) throws IOException {
        itsEnd.write(ByteBuffer.wrap(bytes));
    }

    /** With a length that need not be true. */
    private static byte[] answer(byte kind, int length, byte[] bytes) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        DataOutputStream output = new DataOutputStream(answer);
        output.writeByte(kind);
        output.writeUTF("");
        output.writeInt(length);
        output.write(bytes);
        return answer.toByteArray();
    }

    /** So many, each the cause of the one before, with a stack that long. */
    private static byte[] thrown(int times, int frames) throws IOException {
        ByteArrayOutputStream thrown = new ByteArrayOutputStream();
        DataOutputStream output = new DataOutputStream(thrown);
        for (int i = 0; i < times; i++) {
            output.writeBoolean(true);
            output.writeUTF("java.lang.RuntimeException");
            output.writeBoolean(false);
            output.writeUTF("");
            output.writeShort(frames);
            for (int j = 0; j < frames; j++) {
                output.writeUTF("Type");
                output.writeUTF("method");
                output.writeUTF("");
                output.writeInt(1);
            }
        }
        for (int i = 0; i < 2 * times; i++) {
            output.writeBoolean(false);
        }
        return answer(WorkerFrame.THROWN, thrown.size(), thrown.toByteArray());
    }
}
