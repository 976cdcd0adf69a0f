package dev.hangup.isolated;

import dev.hangup.testing.Await;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Tasks in other JVMs: what goes in and what comes out, be it a result or an exception. */
class IsolatedTest {
    private static final int MAX_BYTES = 1024 * 1024;
    private static Isolated isolated;

    @BeforeAll
    static void open() {
        isolated = WorkerProcesses.patient().size(2).maxBytes(MAX_BYTES).archive(false).build();
        // one that becomes ready between two calls would take the second
        isolated.warmUp();
        Await.untilBegun("both are ready", () -> isolated.ready() == 2);
    }

    @AfterAll
    static void close() {
        isolated.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, MAX_BYTES})
    void bytesGoInAndComeOut(int length) throws Exception {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31);
        }
        assertArrayEquals(bytes, isolated.call(Tasks.Echo.class, bytes));
    }

    @Test
    void aTaskRunsInAnotherProcessWhichDoesOneAfterTheOther() throws Exception {
        long pid = Tasks.number(isolated.call(Tasks.Pid.class, new byte[0]));
        assertNotEquals(ProcessHandle.current().pid(), pid);
        assertEquals(pid, Tasks.number(isolated.call(Tasks.Pid.class, new byte[0])));
    }

    @Test
    void workersCanBeStartedBeforeTheFirstCall() {
        try (Isolated own = WorkerProcesses.patient().size(2).archive(false).build()) {
            assertEquals(0, own.ready());
            own.warmUp();
            Await.untilBegun("both are ready", () -> own.ready() == 2);
            assertEquals(0, own.running());
        }
    }

    @Test
    void aCtrlCInTheServersTerminalDoesNotReachAWorker() throws Exception {
        assertEquals(Tasks.number(isolated.call(Tasks.Pid.class, new byte[0])),
                     Tasks.number(isolated.call(Tasks.Session.class, new byte[0])));
    }

    @Test
    void fiftyCallsAtOnceAllGetTheirOwnResult() throws Exception {
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<byte[]>> results = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                byte[] input = Tasks.bytes(String.valueOf(i));
                results.add(callers.submit(() -> isolated.call(Tasks.Echo.class, input)));
            }
            for (int i = 0; i < 50; i++) {
                assertEquals(i, Tasks.number(results.get(i).get()));
            }
        }
    }

    @Test
    void anExceptionComesBackWithMessageStackTraceAndCauses() {
        IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> throwing("cause"));
        assertEquals("outer", thrown.getMessage());
        assertEquals(Tasks.Thrower.class.getName(), thrown.getStackTrace()[0].getClassName());
        assertEquals("run", thrown.getStackTrace()[0].getMethodName());
        IOException cause = assertInstanceOf(IOException.class, thrown.getCause());
        assertEquals("middle", cause.getMessage());
        IsolatedException inner = assertInstanceOf(IsolatedException.class, cause.getCause());
        assertTrue(inner.getMessage().endsWith("Secret: inner"), inner.getMessage());
        assertNull(inner.getCause());
    }

    @Test
    void suppressedExceptionsComeBackToo() {
        IOException thrown = assertThrows(IOException.class, () -> throwing("suppressed"));
        assertEquals("on read", thrown.getMessage());
        assertEquals(2, thrown.getSuppressed().length);
        IOException close = assertInstanceOf(IOException.class, thrown.getSuppressed()[0]);
        assertEquals("on close", close.getMessage());
        assertEquals("broken", assertInstanceOf(IllegalStateException.class, close.getCause()).getMessage());
        assertEquals("on the second try",
                     assertInstanceOf(IllegalArgumentException.class, close.getSuppressed()[0]).getMessage());
        assertEquals("dev.hangup.isolated.Tasks$Secret: hidden",
                     assertInstanceOf(IsolatedException.class, thrown.getSuppressed()[1]).getMessage());
        assertEquals(0, thrown.getSuppressed()[1].getSuppressed().length);
    }

    @Test
    void whatIsReachedByManyWaysIsReportedOnlySoOften() {
        Throwable thrown = assertThrows(IllegalStateException.class, () -> throwing("circular"));
        assertEquals("one", thrown.getMessage());
        assertEquals(32, inAll(thrown));
    }

    private static int inAll(Throwable thrown) {
        int suppressed = Stream.of(thrown.getSuppressed()).mapToInt(IsolatedTest::inAll).sum();
        return 1 + suppressed + (thrown.getCause() == null ? 0 : inAll(thrown.getCause()));
    }

    @Test
    void anIoExceptionOfTheTaskIsNotTakenForOneOfTheConnection() throws Exception {
        long before = Tasks.number(isolated.call(Tasks.Pid.class, new byte[0]));
        assertEquals("of the task", assertThrows(IOException.class, () -> throwing("io")).getMessage());
        assertEquals(before, Tasks.number(isolated.call(Tasks.Pid.class, new byte[0])));
    }

    @Test
    void anErrorComesBackAsOne() {
        assertEquals("deep", assertThrows(StackOverflowError.class, () -> throwing("error")).getMessage());
    }

    @Test
    void anExceptionWithoutMessageHasNone() {
        assertNull(assertThrows(IllegalArgumentException.class, () -> throwing("no message")).getMessage());
    }

    @Test
    void anExceptionThatCannotBeMadeAnewIsNamed() {
        IsolatedException thrown = assertThrows(IsolatedException.class, () -> throwing("secret"));
        assertEquals("dev.hangup.isolated.Tasks$Secret", thrown.typeName());
        assertEquals("dev.hangup.isolated.Tasks$Secret: hidden", thrown.getMessage());
    }

    @Test
    void anInterruptedExceptionOfTheTaskDoesNotSayThatTheCallerWasInterrupted() {
        IsolatedException thrown = assertThrows(IsolatedException.class, () -> throwing("interrupt"));
        assertEquals(InterruptedException.class.getName(), thrown.typeName());
    }

    @Test
    void messagesAreCut() {
        int length = assertThrows(IllegalStateException.class, () -> throwing("long")).getMessage().length();
        assertEquals(8 * 1024, length);
    }

    @Test
    void causesAndStackTracesAreCut() {
        Throwable thrown = assertThrows(IllegalStateException.class, () -> throwing("deep"));
        assertEquals("level 999", thrown.getMessage());
        assertEquals(256, thrown.getStackTrace().length);
        int causes = 0;
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            causes++;
        }
        assertEquals(8, causes);
    }

    @Test
    void anExceptionThatCannotBeDescribedIsNamedAllTheSame() {
        String message = assertThrows(IllegalStateException.class, () -> throwing("hostile")).getMessage();
        assertTrue(message.startsWith("dev.hangup.isolated.Tasks$Hostile cannot be described"), message);
    }

    @Test
    void aResultThatIsNullIsAnError() {
        assertEquals("The task's result is null",
                     assertThrows(NullPointerException.class, () -> throwing("null")).getMessage());
    }

    @Test
    void anInputThatIsTooLargeIsRefused() {
        String message = assertThrows(IllegalArgumentException.class,
                                      () -> isolated.call(Tasks.Echo.class, new byte[MAX_BYTES + 1])).getMessage();
        assertTrue(message.contains("max-bytes"), message);
    }

    @Test
    void aResultThatIsTooLargeIsRefusedByTheWorkerWhichGoesOn() throws Exception {
        long before = Tasks.number(isolated.call(Tasks.Pid.class, new byte[0]));
        String message = assertThrows(IllegalStateException.class, () -> isolated.call(
                Tasks.Zeros.class, Tasks.bytes(String.valueOf(MAX_BYTES + 1)))).getMessage();
        assertTrue(message.contains("max-bytes"), message);
        assertEquals(before, Tasks.number(isolated.call(Tasks.Pid.class, new byte[0])));
    }

    @Test
    void aClassWithoutSuchAConstructorIsRefused() {
        String message = assertThrows(IllegalArgumentException.class,
                                      () -> isolated.call(Tasks.Picky.class, new byte[0])).getMessage();
        assertTrue(message.startsWith("dev.hangup.isolated.Tasks$Picky cannot be instantiated"), message);
    }

    @Test
    void aClassThatTheClassPathDoesNotHaveIsRefused() {
        IsolatedTask proxy = (IsolatedTask) Proxy.newProxyInstance(
                IsolatedTask.class.getClassLoader(), new Class<?>[] {IsolatedTask.class}, (self, method, arguments) -> null);
        String message = assertThrows(IllegalArgumentException.class,
                                      () -> isolated.call(proxy.getClass(), new byte[0])).getMessage();
        assertTrue(message.contains("cannot be instantiated in a worker"), message);
    }

    @Test
    void aLambdaIsRefused() {
        IsolatedTask lambda = input -> input;
        assertThrows(IllegalArgumentException.class, () -> isolated.call(lambda.getClass(), new byte[0]));
        assertThrows(IllegalArgumentException.class, () -> isolated.call(IsolatedTask.class, new byte[0]));
    }

    @Test
    void standardStreamsAreNoneOfTheCallsBusiness() throws Exception {
        assertEquals(-1, Tasks.number(isolated.call(Tasks.Closer.class, new byte[0])));
        assertEquals("after", new String(isolated.call(Tasks.Echo.class, Tasks.bytes("after"))));
    }

    private static void throwing(String what) throws Exception {
        isolated.call(Tasks.Thrower.class, Tasks.bytes(what));
    }
}
