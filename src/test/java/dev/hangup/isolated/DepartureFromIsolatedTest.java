package dev.hangup.isolated;

import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

import dev.hangup.Hangup;
import dev.hangup.Uninterruptible;
import dev.hangup.internal.race.Aside;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;
import dev.hangup.testing.Processes;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;

import io.helidon.http.HeaderNames;
import io.helidon.http.HttpException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Tasks that nothing stops are stopped, with their process, before their request has ended. */
class DepartureFromIsolatedTest {
    private static final byte[] MINUTE = Tasks.bytes("60");
    private static final int CROWD = 50;

    private final Isolated isolated = WorkerProcesses.patient().size(1).queue(1).archive(false).build();
    private final Logged output = Logged.by(WorkerOutput.class.getName());

    /** So that no client waits for a worker to start. */
    @BeforeEach
    void start() throws Exception {
        isolated.call(Tasks.Echo.class, MINUTE);
    }

    @AfterEach
    void close() {
        output.close();
        isolated.close();
    }

    @Tag("departure")
    @ParameterizedTest
    @ValueSource(classes = {Tasks.NativeSleep.class, Tasks.CriticalSleep.class, Tasks.Loop.class})
    void aTaskIsKilledWhenItsClientLeaves(Class<? extends IsolatedTask> task) {
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable(
                request -> isolated.call(task, MINUTE)))); RawClient client = server.connect().get("/")) {
            long worker = WorkerProcesses.awaitBegun(output);
            client.leave();
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            assertFalse(Processes.alive(worker));
        }
    }

    @Test
    void aTaskIsKilledAtTheDeadline() {
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable((request, response) ->
                Aside.of(() -> {
                    WorkerProcesses.awaitBegun(output);
                    Time.isUp(request, response);
                    return null;
                }, () -> isolated.call(Tasks.NativeSleep.class, MINUTE))))); RawClient client = server.connect().get("/")) {
            assertEquals(503, client.read().status());
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
            assertFalse(Processes.alive(WorkerProcesses.awaitBegun(output)));
        }
    }

    @Test
    void aTaskIsKilledWhenItsCallerIsInterruptedOutsideOfARequest() {
        Caller caller = new Caller(Tasks.NativeSleep.class);
        long worker = WorkerProcesses.awaitBegun(output);
        caller.thread.interrupt();
        assertInstanceOf(InterruptedException.class, caller.failure());
        assertFalse(Processes.alive(worker));
    }

    @Test
    void aWorkerIsNotKilledForACallThatWasNotSentToIt() throws Exception {
        AtomicBoolean interrupting = new AtomicBoolean();
        ThreadFactory threads = task -> {
            Thread caller = Thread.currentThread();
            boolean early = interrupting.get();
            if (early) {
                caller.interrupt();
            }
            return Thread.ofVirtual().unstarted(() -> {
                if (early) {
                    // the caller has taken the interrupt, and waits for the end of a task that has not begun
                    Await.until("the interrupt is taken", () -> !caller.isInterrupted());
                    Await.untilBlocked(caller);
                }
                task.run();
            });
        };
        try (Isolated one = new Isolated(WorkerProcesses.patient().size(1).archive(false).buildPrototype(), threads)) {
            long pid = Tasks.number(one.call(Tasks.Pid.class, new byte[0]));
            interrupting.set(true);
            assertThrows(InterruptedException.class, () -> one.call(Tasks.NativeSleep.class, MINUTE));
            interrupting.set(false);
            assertEquals(pid, Tasks.number(one.call(Tasks.Pid.class, new byte[0])));
            assertEquals(0, WorkerProcesses.begun(output).count());
        }
    }

    @Test
    void aTaskIsKilledWhenTheUninterruptibleWorkAroundItIsCancelled() {
        FutureTask<byte[]> call = new FutureTask<>(() -> Uninterruptible.call(
                () -> isolated.call(Tasks.NativeSleep.class, MINUTE)));
        Thread caller = Thread.startVirtualThread(call);
        long worker = WorkerProcesses.awaitBegun(output);
        caller.interrupt();
        Await.until("the call returns", call::isDone);
        assertInstanceOf(InterruptedException.class, call.exceptionNow());
        assertFalse(Processes.alive(worker));
    }

    @Test
    void aCallerInUninterruptibleWorkDoesNotWaitForAWorkerOnceItIsCancelled() {
        // a JVM that waits for a debugger never greets
        try (Isolated one = WorkerProcesses.patient().size(1).archive(false)
                .addOption("-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=127.0.0.1:0").build()) {
            FutureTask<byte[]> call = new FutureTask<>(() -> Uninterruptible.call(() -> one.call(Tasks.Echo.class, MINUTE)));
            Thread caller = Thread.startVirtualThread(call);
            Await.untilBegun("it waits for a worker", () -> one.running() == 1 && one.workers().starting() == 1);
            caller.interrupt();
            Await.until("the call returns", call::isDone);
            assertInstanceOf(InterruptedException.class, call.exceptionNow());
            assertEquals(0, one.running());
            assertEquals(1, one.workers().starting());
        }
    }

    // longer than anybody has patience here, and no longer
    @Test
    void aTaskHasEndedWhenItsProcessHasWhateverThatHasStarted() {
        Caller caller = new Caller(Tasks.Parent.class, Tasks.bytes("40"));
        WorkerProcesses.awaitBegun(output);
        caller.thread.interrupt();
        assertInstanceOf(InterruptedException.class, caller.failure());
    }

    @Test
    void theNextCallHasAnotherWorkerAndOthersAreNotConcerned() throws Exception {
        try (Isolated two = WorkerProcesses.patient().size(2).archive(false).build()) {
            FutureTask<byte[]> other = new FutureTask<>(() -> two.call(Tasks.NativeSleep.class, Tasks.bytes("1")));
            FutureTask<byte[]> killed = new FutureTask<>(() -> two.call(Tasks.NativeSleep.class, MINUTE));
            Thread.startVirtualThread(other);
            Thread thread = Thread.startVirtualThread(killed);
            WorkerProcesses.awaitBegun(output, 2);
            thread.interrupt();
            two.call(Tasks.Echo.class, MINUTE);
            assertEquals(0, Tasks.number(other.get()));
            Await.until("the call returns", killed::isDone);
            assertInstanceOf(InterruptedException.class, killed.exceptionNow());
        }
    }

    @Tag("departure")
    @Test
    void workOfAClientThatLeftWhileItWaitedNeverBegins() throws Exception {
        Caller busy = new Caller(Tasks.NativeSleep.class);
        WorkerProcesses.awaitBegun(output);
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable(
                request -> isolated.call(Tasks.NativeSleep.class, MINUTE)))); RawClient client = server.connect().get("/")) {
            Await.untilBegun("it waits", () -> isolated.waiting() == 1);
            client.leave();
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
        assertEquals(0, isolated.waiting());
        busy.thread.interrupt();
        busy.failure();
        isolated.call(Tasks.Echo.class, MINUTE);
        assertEquals(1, WorkerProcesses.begun(output).count());
    }

    @Tag("departure")
    @Test
    void fiftyThatLeaveAtOnceLeaveTheWorkersToOthers() throws Exception {
        try (Isolated two = WorkerProcesses.patient().size(2).queue(CROWD).archive(false).build();
                TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable(
                        request -> two.call(Tasks.NativeSleep.class, MINUTE))))) {
            List<RawClient> clients = Stream.generate(() -> server.connect().get("/")).limit(CROWD).toList();
            Await.untilBegun("all are there", () -> two.running() + two.waiting() == CROWD);
            WorkerProcesses.awaitBegun(output, 2);
            clients.forEach(RawClient::leave);
            for (int i = 0; i < CROWD; i++) {
                assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            }
            assertEquals(0, two.running() + two.waiting());
            assertEquals(60, Tasks.number(two.call(Tasks.Echo.class, MINUTE)));
        }
    }

    @Test
    void moreThanMayWaitAreRefusedAtOnce() {
        Caller busy = new Caller(Tasks.NativeSleep.class);
        WorkerProcesses.awaitBegun(output);
        Caller waiting = new Caller(Tasks.Echo.class);
        Await.until("it waits", () -> isolated.waiting() == 1);
        HttpException refusal = assertThrows(HttpException.class, () -> isolated.call(Tasks.Echo.class, MINUTE));
        assertEquals(503, refusal.status().code());
        assertTrue(refusal.headers().contains(HeaderNames.RETRY_AFTER));
        busy.thread.interrupt();
        assertInstanceOf(InterruptedException.class, busy.failure());
        Await.untilBegun("the one that waited has had its turn", waiting.call::isDone);
        assertEquals(60, Tasks.number(waiting.call.resultNow()));
    }

    /** A virtual thread that calls. */
    private final class Caller {
        private final FutureTask<byte[]> call;
        private final Thread thread;

        private Caller(Class<? extends IsolatedTask> task) {
            this(task, MINUTE);
        }

        private Caller(Class<? extends IsolatedTask> task, byte[] input) {
            call = new FutureTask<>(() -> isolated.call(task, input));
            thread = Thread.startVirtualThread(call);
        }

        private Throwable failure() {
            Await.until("the call returns", call::isDone);
            return call.exceptionNow();
        }
    }
}
