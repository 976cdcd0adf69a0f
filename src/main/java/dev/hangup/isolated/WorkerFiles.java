package dev.hangup.isolated;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The files that workers start from: the socket, their first classes, and an archive of these when there is one. */
final class WorkerFiles implements AutoCloseable {
    private final PrivateDirectory directory;
    final WorkerSocket socket;
    final Path jar;
    /** Whether the archive is complete. */
    private volatile boolean archived;

    private WorkerFiles(PrivateDirectory directory, WorkerSocket socket, Path jar) {
        this.directory = directory;
        this.socket = socket;
        this.jar = jar;
    }

    static WorkerFiles open() throws IOException {
        PrivateDirectory directory = PrivateDirectory.open();
        try {
            Path jar = directory.file("worker.jar");
            WorkerJar.write(jar);
            return new WorkerFiles(directory, WorkerSocket.open(directory.file("socket")), jar);
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    /** Returns whether the files still exist; a clean-up of temporary files may have deleted them. */
    boolean intact() {
        return Files.exists(socket.path) && Files.exists(jar);
    }

    Path archiveFile() {
        return directory.file("classes.jsa");
    }

    Optional<Path> archive() {
        return archived ? Optional.of(archiveFile()) : Optional.empty();
    }

    void archived() {
        archived = Files.exists(archiveFile());
    }

    @Override
    public void close() {
        socket.close();
        directory.close();
    }
}
