package dev.hangup.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import dev.hangup.testing.Await;

/** What processes tell of themselves, in order: lines that they append to a file. */
final class Journal {
    private final Path file;

    Journal(Path folder) {
        file = folder.resolve("journal");
    }

    /** A command that runs a script, which finds the file's name in its first parameter. */
    CommandBuilder script(String script) {
        return Command.builder("sh", "-c", script, "sh", file.toString());
    }

    List<String> lines() {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void await(String line) {
        Await.untilBegun("'" + line + "' in " + file, () -> lines().contains(line));
    }

    /** Waits until processes have told their numbers, as {@code name pid}, and tells what these are. */
    long pid(String name) {
        Await.untilBegun(name + " in " + file, () -> lines().stream().anyMatch(it -> it.startsWith(name + " ")));
        return lines().stream()
                .filter(it -> it.startsWith(name + " "))
                .mapToLong(it -> Long.parseLong(it.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    /** Whether a process that has told its number runs. */
    boolean lives(String name) {
        return ProcessEntry.read(pid(name)).filter(it -> !it.ended()).isPresent();
    }
}
