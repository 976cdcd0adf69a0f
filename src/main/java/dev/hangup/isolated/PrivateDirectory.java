package dev.hangup.isolated;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * A directory that only this user may read, for as long as a server has workers. It holds their socket and their class archive.
 * It is deleted when it is closed, and when the JVM exits normally, after all shutdown hooks: until Helidon's has ended, servers
 * still serve and may need new workers. The next server of the same user deletes the directories of servers that were killed.
 */
final class PrivateDirectory implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(PrivateDirectory.class.getName());
    private static final String PREFIX = "hangup-isolated-";
    private static final String LOCK = "lock";
    /** The age from which a directory without a lock file counts as abandoned. */
    private static final Duration LOCKED_WITHIN = Duration.ofMinutes(1);
    /**
     * The directories of this JVM. Their lock files must not be opened again, since closing a second channel would release the
     * lock.
     */
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();
    /**
     * Settles the race of two openings: a directory becomes one of this JVM's a moment after it exists, and another opening must
     * not see it in between.
     */
    private static final Lock OPENING = new ReentrantLock();

    private final Path directory;
    /** Locked as long as the directory is in use. */
    private final FileChannel lock;

    private PrivateDirectory(Path directory, FileChannel lock) {
        this.directory = directory;
        this.lock = lock;
    }

    static PrivateDirectory open() throws IOException {
        OPENING.lock();
        try {
            return openNext();
        } finally {
            OPENING.unlock();
        }
    }

    private static PrivateDirectory openNext() throws IOException {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        Path directory = Files.createTempDirectory(temporary, PREFIX, PosixFilePermissions.asFileAttribute(
                PosixFilePermissions.fromString("rwx------")));
        OWN.add(directory);
        FileChannel lock;
        try {
            clear(temporary, Files.getOwner(directory));
            lock = FileChannel.open(directory.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (IOException e) {
            // the disk may be full
            delete(directory);
            OWN.remove(directory);
            throw e;
        }
        PrivateDirectory opened = new PrivateDirectory(directory, lock);
        try {
            if (lock.tryLock() == null || !Files.exists(directory.resolve(LOCK))) {
                throw new FileSystemException(directory.toString(), null, "another process deletes it");
            }
            // the JVM deletes in the opposite order: the lock file after all other files, since without it no later server would
            directory.toFile().deleteOnExit();
            opened.file(LOCK);
            return opened;
        } catch (IOException | IllegalStateException e) {
            opened.close();
            throw e;
        }
    }

    /**
     * Returns a file of this directory, which is deleted with it.
     *
     * @throws IllegalStateException if the JVM is exiting, and all hooks have ended
     */
    Path file(String name) {
        Path file = directory.resolve(name);
        file.toFile().deleteOnExit();
        return file;
    }

    @Override
    public void close() {
        delete(directory);
        OWN.remove(directory);
        try {
            lock.close();
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "Could not close " + directory, e);
        }
    }

    /**
     * Deletes the directories of servers that were killed. Those of other users are not even read: a lock file that is a
     * named pipe would block the thread that opens it, and a link could point to the lock file of another server.
     */
    private static void clear(Path temporary, UserPrincipal self) throws IOException {
        List<Path> directories;
        try (Stream<Path> all = Files.list(temporary)) {
            directories = all.filter(it -> it.getFileName().toString().startsWith(PREFIX))
                    .filter(it -> !OWN.contains(it) && isOf(self, it))
                    .toList();
        }
        for (Path directory : directories) {
            try (FileChannel lock = FileChannel.open(directory.resolve(LOCK), StandardOpenOption.WRITE,
                                                     LinkOption.NOFOLLOW_LINKS)) {
                if (lock.tryLock() != null) {
                    delete(directory);
                }
            } catch (NoSuchFileException e) {
                deleteIfAbandoned(directory);
            } catch (IOException | RuntimeException e) {
                // not a directory of this kind, or another user's
                LOGGER.log(System.Logger.Level.DEBUG, "Left " + directory + " alone", e);
            }
        }
    }

    private static boolean isOf(UserPrincipal self, Path directory) {
        try {
            return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                    && Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS).equals(self);
        } catch (IOException e) {
            // it may just have been deleted
            return false;
        }
    }

    /** Deletes an empty directory whose server was killed before it created the lock file, or after it had deleted it. */
    private static void deleteIfAbandoned(Path directory) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(directory, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            Instant latest = Instant.now().minus(LOCKED_WITHIN);
            if (attributes.isDirectory() && attributes.lastModifiedTime().toInstant().isBefore(latest)) {
                Files.delete(directory);
            }
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "Left " + directory + " alone", e);
        }
    }

    private static void delete(Path directory) {
        try {
            try {
                deleteNow(directory);
            } catch (DirectoryNotEmptyException e) {
                // a worker has meanwhile begun to write its archive, which happens once
                deleteNow(directory);
            }
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "Could not delete " + directory, e);
        }
    }

    private static void deleteNow(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            // the lock file last: without it, no later server would delete the rest
            for (Path file : files.sorted((one, other) -> Boolean.compare(one.endsWith(LOCK), other.endsWith(LOCK))).toList()) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(directory);
    }
}
