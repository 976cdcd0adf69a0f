package dev.hangup.process;

import java.io.IOException;
import java.io.InputStream;

import dev.hangup.testing.OtherProcess;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

/** Output that cannot be kept, as when the heap is full. What was kept of it must not pass for all of it. */
class LostOutputTest {
    private static final OutOfMemoryError FULL = new OutOfMemoryError("for the test");

    @Test
    void endsTheCommandThatWouldWriteOn() throws Exception {
        assertFails(Command.of("cat", "/dev/zero"));
    }

    @Test
    void failsACommandThatHasEnded() throws Exception {
        assertFails(Command.of("true"));
    }

    private static void assertFails(Command command) throws IOException {
        LaunchedProcess launched = LaunchedProcess.of(command);
        LaunchedProcess deaf = new LaunchedProcess(new Deaf(launched.process()), launched.tree());
        IOException failure = assertThrows(IOException.class, () -> new CommandRun(command).await(deaf));
        assertSame(FULL, failure.getCause());
        assertFalse(launched.process().isAlive());
    }

    /** A process whose output cannot be read. */
    private static final class Deaf extends OtherProcess {
        private Deaf(Process process) {
            super(process);
        }

        @Override
        public InputStream getInputStream() {
            return new InputStream() {
                @Override
                public int read() {
                    throw FULL;
                }
            };
        }
    }
}
