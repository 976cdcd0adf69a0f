package dev.hangup.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;

import dev.hangup.testing.Logged;
import dev.hangup.testing.OtherProcess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Commands that end by themselves. */
class CommandTest {
    @TempDir
    private Path folder;

    @Test
    void returnsWhatTheProgramWrites() throws Exception {
        assertEquals("said\n", text(Command.of("echo", "said")));
    }

    @Test
    void theProgramGetsItsArgumentsAsTheyAre() throws Exception {
        String[] arguments = {
            "", "a b", "a  b", "\"", "'", "\\", "a\nb", "-x", "--", "$HOME", "`id`", "$(id)", "*", ";", "|", "%s"
        };
        String each = String.join("\0", arguments) + "\0";
        assertEquals(each, text(Command.builder("printf", "%s\\0").arguments(arguments).build()));
    }

    @Test
    void aProgramMayBeNamedByItsPath() throws Exception {
        Path program = Files.writeString(folder.resolve("-program with a space"), "#!/bin/sh\necho \"$1\"\n");
        assertTrue(program.toFile().setExecutable(true));
        assertEquals("absolute\n", text(Command.of(program.toString(), "absolute")));
        assertEquals("relative\n", text(Command.builder("./-program with a space", "relative").directory(folder).build()));
    }

    @Test
    void reportsOfAProgramThatEndsWithAnotherCodeThanZero() throws Exception {
        Command command = Command.of("sh", "-c", "echo half; echo first >&2; printf 'the \\033 last\\n' >&2; exit 3");
        CommandFailedException e = assertThrows(CommandFailedException.class, command::output);
        assertEquals("sh ended with 3", e.getMessage());
        assertEquals(CommandFailedException.class.getName() + ": sh ended with 3: the \\u001b last", e.toString());
        assertEquals(3, e.exitCode());
        assertEquals("first\nthe \033 last\n", e.errors());

        Command.Result result = command.run();
        assertEquals(3, result.exitCode());
        assertEquals("half\n", new String(result.output(), StandardCharsets.UTF_8));
    }

    @Test
    void reportsOfAProgramThatASignalEnded() {
        assertEquals(128 + 9, assertThrows(CommandFailedException.class,
                                           Command.of("sh", "-c", "kill -KILL $$")::output).exitCode());
    }

    @Test
    void keepsTheEndOfALongTaleOfErrors() throws Exception {
        String errors = Command.of("sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x >&2; printf end >&2").run().errors();
        assertEquals(64 * 1024, errors.length());
        assertTrue(errors.endsWith("xend"));
    }

    @Test
    void keepsNoMoreThanMaxOutputAndKillsTheProgram() {
        Command command = Command.builder("cat", "/dev/zero").maxOutput(100_000).grace(Duration.ofMinutes(1)).build();
        CommandFailedException e = assertThrows(CommandFailedException.class, command::run);
        assertEquals("cat was killed: it wrote more than 100000 bytes", e.getMessage());
        assertEquals(128 + 9, e.exitCode());
    }

    @Test
    void aProgramMayWriteExactlyMaxOutput() throws Exception {
        assertEquals(100_000, Command.builder("head", "-c", "100000", "/dev/zero").maxOutput(100_000).build().output().length);
    }

    @Test
    void killsAProgramWhoseChildWritesTooMuch() {
        // the program itself waits, deaf to being asked
        Command command = Command.builder("sh", "-c", "trap '' TERM; cat /dev/zero & wait").maxOutput(100)
                .grace(Duration.ofMinutes(1)).build();
        assertThrows(CommandFailedException.class, command::run);
    }

    /** As a program of another user, which {@code sudo} starts and this JVM may not signal. */
    @Test
    void returnsAlthoughAProgramThatWritesTooMuchCannotBeKilled() throws Exception {
        Process program = new ProcessBuilder("sh", "-c", "head -c 1000 /dev/zero; exec sleep 1000").start();
        ProcessTree untouchable = new ProcessTree() {
            @Override
            public List<ProcessHandle> living() {
                return List.of();
            }

            @Override
            public void killAtOnce() {
                // not permitted
            }
        };
        try (Logged logged = Logged.allBy(TreeTermination.class.getName())) {
            CommandRun run = new CommandRun(Command.builder("sh").maxOutput(100).build());
            CommandFailedException e = assertThrows(CommandFailedException.class,
                                                    () -> run.await(new LaunchedProcess(new OfAnotherUser(program), untouchable)));
            assertEquals("sh could not be killed: it wrote more than 100 bytes", e.getMessage());
            assertEquals(-1, e.exitCode());
            assertTrue(program.isAlive());
            logged.trail().await("Processes of a command cannot be ended: []");
        } finally {
            program.destroyForcibly().waitFor();
        }
    }

    @Test
    void givesTheProgramItsInput() throws Exception {
        byte[] input = new byte[1_000_000];
        Arrays.fill(input, (byte) 7);
        assertArrayEquals(input, Command.builder("cat").input(input).build().output());
    }

    @Test
    void oneCommandMayRunSeveralTimesAtOnce() throws Exception {
        // each goes on once all have begun, or fails
        String script = "touch $$; for i in $(seq 2000); do [ $(ls | wc -l) -eq 4 ] && break; sleep 0.01; done;"
                + " [ $(ls | wc -l) -eq 4 ] && echo $$ && cat";
        Command command = Command.builder("sh", "-c", script)
                .directory(folder)
                .input("input".getBytes(StandardCharsets.UTF_8))
                .build();
        List<FutureTask<String>> calls = Stream.generate(() -> new FutureTask<>(() -> text(command))).limit(4).toList();
        calls.forEach(Thread::startVirtualThread);
        Set<String> processes = new HashSet<>();
        for (FutureTask<String> call : calls) {
            String[] lines = call.get().split("\n");
            processes.add(lines[0]);
            assertEquals("input", lines[1]);
        }
        assertEquals(4, processes.size(), processes.toString());
    }

    @Test
    void withoutInputTheProgramReadsItsEnd() throws Exception {
        assertEquals("", text(Command.of("cat")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"exec <&-; echo done", "head -c 1 > /dev/null; echo done", "echo done"})
    void aProgramNeedNotReadItsInput(String script) throws Exception {
        assertEquals("done\n", text(Command.builder("sh", "-c", script).input(new byte[1_000_000]).build()));
    }

    @Test
    void waitsForAProgramThatClosesItsOutputAndGoesOn() {
        Command command = Command.of("sh", "-c", "echo said; exec >&- 2>&-; sleep 0.2; exit 5");
        assertEquals(5, assertThrows(CommandFailedException.class, command::output).exitCode());
    }

    @Test
    void doesNotWaitForWhatTheProgramLeavesInTheBackground() throws Exception {
        Journal journal = new Journal(folder);
        assertEquals("said\n", text(journal.script("sleep 1000 & echo \"left $!\" > $1; echo said").build()));
        assertFalse(journal.lives("left"));
    }

    @Test
    void inheritsNoSecretsUnlessToldTo() throws Exception {
        List<String> basics = text(Command.of("env")).lines().map(it -> it.substring(0, it.indexOf('='))).toList();
        assertTrue(basics.contains("PATH"), basics.toString());
        assertTrue(basics.stream().allMatch(it -> it.startsWith("LC_") || List.of("PATH", "HOME", "USER", "LOGNAME", "LANG",
                "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "HANGUP_COMMAND").contains(it)), basics.toString());

        List<String> all = text(Command.builder("env").inherit(name -> true).build()).lines().toList();
        System.getenv().forEach((name, value) -> assertTrue(value.contains("\n") || all.contains(name + "=" + value), name));
    }

    @Test
    void setsItsEnvironment() throws Exception {
        List<String> lines = text(Command.builder("env").inherit(name -> false).environment("NAME", "a value").build())
                .lines().toList();
        assertEquals(2, lines.size(), lines.toString());
        assertTrue(lines.contains("NAME=a value"), lines.toString());
        assertTrue(lines.stream().anyMatch(it -> it.startsWith("HANGUP_COMMAND=")), lines.toString());
    }

    @Test
    void runsInItsDirectory() throws Exception {
        assertEquals(folder.toRealPath() + "\n", text(Command.builder("pwd").directory(folder).build()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-such-program", "/no/such/program", "./no-such-program", "/etc/passwd", "/"})
    void tellsThatAProgramCannotBeStarted(String program) {
        IOException e = assertThrows(IOException.class, Command.of(program, "secret")::output);
        assertTrue(e.getMessage().startsWith("Cannot run program \"" + program + "\""), e.getMessage());
        assertFalse(e.getMessage().contains("secret"), e.getMessage());
    }

    @Test
    void tellsThatThereIsNoSuchDirectory() {
        assertThrows(IOException.class, Command.builder("pwd").directory(folder.resolve("none")).build()::output);
    }

    @Test
    void isRefusedWhenItCannotBePassedToAProcess() {
        assertThrows(IllegalArgumentException.class, () -> Command.of(""));
        assertThrows(IllegalArgumentException.class, () -> Command.of("echo", "a\0b"));
        assertThrows(IllegalArgumentException.class, () -> Command.of("echo", "\ud800"));
        CommandBuilder builder = Command.builder("echo");
        assertThrows(IllegalArgumentException.class, () -> builder.environment("A=B", "C"));
        assertThrows(IllegalArgumentException.class, () -> builder.environment("", "C"));
        assertThrows(IllegalArgumentException.class, () -> builder.environment("A", "\0"));
        assertThrows(IllegalArgumentException.class, () -> builder.maxOutput(-1));
        assertThrows(IllegalArgumentException.class, () -> builder.grace(Duration.ofMillis(-1)));
        assertThrows(IllegalArgumentException.class, () -> builder.grace(Duration.ofHours(1)));
    }

    @Test
    void doesNotShowItsArguments() {
        assertEquals("Command echo", Command.of("echo", "secret").toString());
    }

    private static String text(Command command) throws IOException, InterruptedException {
        return new String(command.output(), StandardCharsets.UTF_8);
    }

    /** A process that no signal reaches. */
    private static final class OfAnotherUser extends OtherProcess {
        private OfAnotherUser(Process process) {
            super(process);
        }

        @Override
        public void destroy() {
            throw new AssertionError("not permitted");
        }
    }
}
