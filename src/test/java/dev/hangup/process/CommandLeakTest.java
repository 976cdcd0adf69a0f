package dev.hangup.process;

import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import dev.hangup.testing.Await;
import dev.hangup.testing.Repetitions;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

/** After many commands, ended by themselves or stopped, nothing is left of them; {@code -Dhangup.commands=N} for more. */
@Timeout(value = 1, unit = TimeUnit.HOURS)
class CommandLeakTest {
    private static final int COMMANDS = Repetitions.of("hangup.commands", 15, 50);

    /** In the environment of all that the commands begin, also of those whose parents have ended. */
    private final String id = UUID.randomUUID().toString();

    @Test
    void nothingIsLeftOfCommandsThatEnd() throws Exception {
        Command command = Command.builder("sh", "-c", "sleep 60 & cat; echo done >&2").input(new byte[100_000])
                .environment("LEAK_TEST", id).build();
        command.output();
        Children before = Children.now();
        for (int i = 0; i < COMMANDS; i++) {
            assertEquals(100_000, command.output().length);
        }
        assertNothingIsLeft(before);
    }

    @Test
    void nothingIsLeftOfCommandsThatAreStopped() throws Exception {
        Command command = Command.builder("sh", "-c", "(sleep 60 &) ; sleep 60").input(new byte[100_000])
                .environment("LEAK_TEST", id).build();
        Children before = Children.now();
        for (int i = 0; i < COMMANDS; i++) {
            Thread thread = Thread.ofVirtual().start(new FutureTask<>(command::output));
            Await.until("it has begun", () -> Children.now().processes() > before.processes());
            thread.interrupt();
            thread.join();
        }
        assertNothingIsLeft(before);
    }

    @Test
    void nothingIsLeftOfCommandsThatCannotBeStarted() {
        Command command = Command.of("no-such-program");
        Children before = Children.now();
        for (int i = 0; i < COMMANDS; i++) {
            assertThrows(IOException.class, command::output);
        }
        assertNothingIsLeft(before);
    }

    private boolean isOurs(long pid) {
        return ProcessEntry.read(pid).filter(it -> it.environment().contains(id)).isPresent();
    }

    /** Threads and descriptors are given back by the threads themselves, which may be a moment behind. */
    private void assertNothingIsLeft(Children before) {
        assertEquals(List.of(), ProcessEntry.pids().stream().filter(this::isOurs).toList());
        AtomicReference<Children> after = new AtomicReference<>();
        Await.until("all is as before: " + before, () -> {
            after.set(Children.now());
            return after.get().isWithin(before);
        });
        System.out.println(COMMANDS + " commands: before " + before + ", after " + after);
    }
}
