package dev.hangup.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;

import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Commands whose calling thread is interrupted: when the call returns, nothing of them is left. */
class CommandStopTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private static final String DEAF = "trap 'echo asked >> $1' TERM; echo \"root $$\" >> $1; while :; do sleep 0.01; done";
    /** Ends when it was asked to, after a while. */
    private static final String POLITE = "trap 'echo asked >> $1; sleep 0.2; echo tidied up >> $1; exit' TERM; "
            + "echo \"root $$\" >> $1; while :; do sleep 0.01; done";

    @TempDir
    private Path folder;

    @Test
    void theProcessIsAskedToEnd() {
        Journal journal = new Journal(folder);
        Call call = new Call(journal.script(POLITE).grace(LONG));
        journal.pid("root");
        call.stop();
        assertFalse(journal.lives("root"));
        assertEquals(List.of("asked", "tidied up"), journal.lines().subList(1, journal.lines().size()));
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "sh -c \"$0\" sh $1 & wait",
            // a session of its own
            "setsid sh -c \"$0\" sh $1 & wait",
            // a daemon
            "(setsid sh -c \"$0\" sh $1 &) ; sleep 1000"})
    void descendantsAreAskedToEndAsWell(String script) {
        Journal journal = new Journal(folder);
        Path file = folder.resolve("journal");
        Call call = new Call(Command.builder("sh", "-c", script, POLITE, file.toString()).grace(LONG));
        journal.pid("root");
        call.stop();
        assertFalse(journal.lives("root"));
        assertEquals(List.of("asked", "tidied up"), journal.lines().subList(1, journal.lines().size()));
    }

    @Test
    void oneThatWillNotEndIsKilledAfterTheGrace() {
        Journal journal = new Journal(folder);
        Call call = new Call(journal.script(DEAF).grace(Duration.ofMillis(300)));
        journal.pid("root");
        call.stop();
        assertFalse(journal.lives("root"));
    }

    @Test
    void withoutGraceItIsKilledAndNotAsked() {
        Journal journal = new Journal(folder);
        Call call = new Call(journal.script(DEAF).grace(Duration.ZERO));
        journal.pid("root");
        call.stop();
        assertFalse(journal.lives("root"));
        assertFalse(journal.lines().contains("asked"));
    }

    @ParameterizedTest
    @ValueSource(strings = {
            // a child, and a child's child
            "sh -c 'sleep 1000 & echo \"left $!\" >> $0; wait' $1 & wait",
            // its parent has ended
            "sh -c 'sleep 1000 & echo \"left $!\" >> $0' $1 & sleep 1000",
            // nothing of its environment is left besides
            "sh -c 'env -i sleep 1000 & echo \"left $!\" >> $0' $1 & sleep 1000",
            // a daemon: a session of its own, and its parent has ended
            "setsid sh -c 'sleep 1000 & echo \"left $!\" >> $0' $1 & sleep 1000",
            // a session of its own, nothing of its environment, but its parent lives
            "setsid env -i sh -c 'sleep 1000 & echo \"left $!\" >> $0; wait' $1 & sleep 1000",
            // deaf
            "sh -c 'trap \"\" TERM; echo \"left $$\" >> $0; while :; do sleep 0.01; done' $1 & sleep 1000"})
    void descendantsEndToo(String script) {
        Journal journal = new Journal(folder);
        Call call = new Call(journal.script(script).grace(Duration.ofMillis(100)));
        assertTrue(journal.lives("left"));
        call.stop();
        assertFalse(journal.lives("left"));
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "sleep 1000 & echo \"left $!\" >> $1",
            "sleep 1000 > /dev/null 2>&1 & echo \"left $!\" >> $1",
            "env -i sleep 1000 & echo \"left $!\" >> $1",
            "setsid sh -c 'sleep 1000 & echo \"left $!\" >> $0' $1 & wait",
            "sh -c 'trap \"\" TERM; echo \"left $$\" >> $0; while :; do sleep 0.01; done' $1 & while [ ! -s $1 ]; do :; done"})
    void whatACommandLeavesBehindEndsWithIt(String script) throws Exception {
        Journal journal = new Journal(folder);
        journal.script(script).grace(Duration.ofMillis(100)).build().output();
        assertFalse(journal.lives("left"));
    }

    @Test
    void processesThatBeginWhileTheTreeEndsDoNotGetAway() {
        Journal journal = new Journal(folder);
        Call call = new Call(journal.script("export FOLDER=$1; trap '' TERM; echo \"root $$\" >> $1; "
                                                    + "for i in $(seq 300); do sleep 1000 & done; wait")
                                     .grace(Duration.ZERO));
        journal.pid("root");
        call.stop();
        assertEquals(List.of(), ofThisTest());
    }

    @Test
    void oneThatEndsAsSoonAsItHasBegunTheNextDoesNotGetAway() throws Exception {
        Path hop = Files.writeString(folder.resolve("hop"), "[ -e $1/stop ] || sh $0 $1 &");
        Command command = Command.builder("sh", hop.toString(), folder.toString())
                .environment("FOLDER", folder.toString())
                .build();
        try (Logged trouble = Logged.trouble(PipeDrain.class.getName())) {
            for (int i = 0; i < 30; i++) {
                command.output();
                assertEquals(List.of(), ofThisTest());
            }
            assertEquals(List.of(), trouble.trail().events());
        } finally {
            Files.createFile(folder.resolve("stop"));
        }
    }

    @Test
    void onesOutputThatEscapedIsNotWaitedForLong() {
        Journal journal = new Journal(folder);
        String escape = "setsid env -i sh -c '(sh -c \"echo \\\"left \\$\\$\\\" >> $0; exec sleep 1000\" &)' $1; "
                + "while [ ! -s $1 ]; do :; done";
        try (Logged trouble = Logged.trouble(PipeDrain.class.getName())) {
            assertEquals("said\n", new String(assertThrowsNothing(journal.script(escape + "; sleep 0.1; echo said"))));
            assertTrue(journal.lives("left"));
            trouble.trail().await("A process left behind by a command keeps its output open");
        } finally {
            ProcessHandle.of(journal.pid("left")).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"exec cat /dev/zero >&2", "while :; do :; done", "sleep 1000"})
    void whateverBecomesOfItsPipes(String script) {
        Journal journal = new Journal(folder);
        Children before = Children.now();
        // fills the pipe that nobody reads
        Call call = new Call(journal.script("echo \"root $$\" >> $1; " + script).input(new byte[1_000_000]));
        journal.pid("root");
        call.stop();
        assertFalse(journal.lives("root"));
        Await.until("its threads have ended", () -> Children.now().isWithin(before));
    }

    @Test
    void nothingIsStartedForAThreadThatIsInterrupted() {
        Journal journal = new Journal(folder);
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, journal.script("echo started >> $1").build()::output);
        assertFalse(Thread.currentThread().isInterrupted());
        assertEquals(List.of(), journal.lines());
    }

    @Test
    void whenItsCallerIsInterruptedInTheMiddleOfTheStartNothingIsLeft() {
        long before = ProcessHandle.current().children().count();
        for (int i = 0; i < 100; i++) {
            Call call = new Call(Command.builder("sleep", "1000"));
            LockSupport.parkNanos(i * 50_000L);
            call.stop();
            assertEquals(before, ProcessHandle.current().children().count());
        }
    }

    private List<ProcessEntry> ofThisTest() {
        return ProcessEntry.pids().stream()
                .flatMap(it -> ProcessEntry.read(it).stream())
                .filter(it -> it.environment().contains(folder.toString()))
                .toList();
    }

    private static byte[] assertThrowsNothing(CommandBuilder command) {
        try {
            return command.build().output();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** A virtual thread that runs a command. */
    private static final class Call {
        private final FutureTask<byte[]> result;
        private final Thread thread;

        private Call(CommandBuilder command) {
            result = new FutureTask<>(command.build()::output);
            thread = Thread.ofVirtual().start(result);
        }

        private void stop() {
            thread.interrupt();
            Await.until("the call returns", result::isDone);
            assertInstanceOf(InterruptedException.class, result.exceptionNow());
        }
    }
}
