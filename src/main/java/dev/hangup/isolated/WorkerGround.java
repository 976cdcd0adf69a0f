package dev.hangup.isolated;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The files that workers start from: the socket, their first classes, and an archive of these when there is one. */
final class WorkerGround implements AutoCloseable {
    private final WorkerHome home;
    private final WorkerSocket socket;
    private final Path jar;
    /** Whether it is complete. */
    private volatile boolean archived;

    private WorkerGround(WorkerHome home, WorkerSocket socket, Path jar) {
        this.home = home;
        this.socket = socket;
        this.jar = jar;
    }

    static WorkerGround open() throws IOException {
        WorkerHome home = WorkerHome.open();
        try {
            Path jar = home.file("worker.jar");
            WorkerJar.write(jar);
            return new WorkerGround(home, WorkerSocket.open(home.file("socket")), jar);
        } catch (IOException | RuntimeException e) {
            home.close();
            throw e;
        }
    }

    /** Whether nobody has cleared it away, as is done with temporary files. */
    boolean intact() {
        return Files.exists(socket.path()) && Files.exists(jar);
    }

    WorkerSocket socket() {
        return socket;
    }

    Path jar() {
        return jar;
    }

    Path archiveFile() {
        return home.file("classes.jsa");
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
        home.close();
    }
}
