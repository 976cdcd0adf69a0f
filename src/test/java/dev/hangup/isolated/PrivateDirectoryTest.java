package dev.hangup.isolated;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.hangup.testing.Await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** What becomes of the directories of servers that were killed, or could not start. */
class PrivateDirectoryTest {
    private static final String BEFORE = System.getProperty("java.io.tmpdir");
    /** The length of a directory's path with which the path of its lock file is too long for Linux. */
    private static final int ALMOST_TOO_LONG = 4094;
    private static final int NAME = "/hangup-isolated-1234567890123456789".length();

    @TempDir
    private Path temporary;

    @BeforeEach
    void useIt() {
        System.setProperty("java.io.tmpdir", temporary.toString());
    }

    @AfterEach
    void useTheOneBefore() {
        System.setProperty("java.io.tmpdir", BEFORE);
    }

    @EnabledOnOs(OS.LINUX)
    @Test
    void nothingIsLeftIfTheLockFileCannotBeMade() throws IOException {
        Path deep = temporary;
        for (int rest = left(deep); rest > 0; rest = left(deep)) {
            deep = Files.createDirectory(deep.resolve("x".repeat(rest > 200 ? 100 : rest - 1)));
        }
        System.setProperty("java.io.tmpdir", deep.toString());
        String reason = assertThrows(FileSystemException.class, PrivateDirectory::open).getMessage();
        assertTrue(reason.contains("/lock: "), reason);
        assertEquals(0, in(deep).size());
    }

    @Test
    void emptyDirectoriesOfServersThatWereKilledAreDeleted() throws IOException {
        Path old = age(Files.createDirectory(temporary.resolve("hangup-isolated-old")));
        Path young = Files.createDirectory(temporary.resolve("hangup-isolated-young"));
        Path other = Files.createDirectory(temporary.resolve("hangup-isolated-other"));
        Files.createFile(other.resolve("file"));
        age(other);
        Path empty = age(Files.createDirectory(temporary.resolve("empty")));
        Path link = Files.createSymbolicLink(temporary.resolve("hangup-isolated-link"), empty);
        Path file = age(Files.createFile(temporary.resolve("hangup-isolated-file")));
        try (PrivateDirectory directory = PrivateDirectory.open()) {
            List<Path> expected = Stream.of(young, other, empty, link, file, directory.file("socket").getParent()).sorted().toList();
            assertEquals(expected, in(temporary), () -> old + " is deleted, and nothing else");
        }
    }

    /** Another user could put a named pipe there, which blocks whoever opens it, or a link to the lock of another server. */
    @EnabledOnOs(OS.LINUX)
    @Test
    void directoriesOfOtherUsersAreNotLookedInto() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root may give a directory away");
        Path other = Files.createDirectory(temporary.resolve("hangup-isolated-other"));
        assertEquals(0, new ProcessBuilder("mkfifo", other.resolve("lock").toString()).start().waitFor());
        Files.setOwner(other, other.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
        try (PrivateDirectory directory = CompletableFuture.supplyAsync(PrivateDirectoryTest::open)
                .get(Await.TIME.toSeconds(), TimeUnit.SECONDS)) {
            assertEquals(Stream.of(other, directory.file("socket").getParent()).sorted().toList(), in(temporary));
        }
    }

    /**
     * A directory is known as one of this JVM only after it was created. An opening that saw it before that would open its lock
     * file a second time, and release the lock when it closes it. So openings take turns.
     */
    @EnabledOnOs(OS.LINUX)
    @Test
    void openingsTakeTurns() throws Exception {
        Path lock = Files.createDirectory(temporary.resolve("hangup-isolated-blocked")).resolve("lock");
        assertEquals(0, new ProcessBuilder("mkfifo", lock.toString()).start().waitFor());
        List<FutureTask<PrivateDirectory>> openings = List.of(new FutureTask<>(PrivateDirectory::open),
                                                              new FutureTask<>(PrivateDirectory::open));
        Thread.ofPlatform().start(openings.getFirst());
        Await.until("it has made its directory, and looks into the others", () -> in(temporary).size() == 2);
        Thread other = Thread.ofPlatform().start(openings.getLast());
        try {
            Await.until("the other one waits", () -> other.getState() == Thread.State.WAITING);
            assertEquals(2, in(temporary).size());
        } finally {
            // does not block, and lets others open the pipe
            try (RandomAccessFile pipe = new RandomAccessFile(lock.toFile(), "rw")) {
                for (FutureTask<PrivateDirectory> opening : openings) {
                    opening.get(Await.TIME.toSeconds(), TimeUnit.SECONDS).close();
                }
            }
        }
    }

    private static PrivateDirectory open() {
        try {
            return PrivateDirectory.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int left(Path directory) {
        return ALMOST_TOO_LONG - NAME - directory.toString().length();
    }

    private static Path age(Path file) throws IOException {
        return Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(3600)));
    }

    private static List<Path> in(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
