package dev.hangup.calls;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;

import dev.hangup.testing.Database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.helidon.webclient.api.WebClient;
import org.h2.tools.Server;

/** What blocking calls wait for, until it is released. */
public final class Surroundings implements AutoCloseable {
    static final int FILE_SIZE = 4 * 1024 * 1024;

    private final CompletableFuture<Void> released = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Object monitor = new Object();
    private final Semaphore semaphore = new Semaphore(0);
    private final Phaser phaser = new Phaser(2);
    private final List<Process> processes = new ArrayList<>();
    private final List<RandomAccessFile> pipes = new ArrayList<>();
    private final Path folder;
    private final ServerSocket silent;
    private final Server h2;
    private final HikariDataSource database;
    private final HttpClient jdkClient = HttpClient.newHttpClient();
    private final WebClient helidonClient = WebClient.builder().servicesDiscoverServices(false).build();

    /** In a folder for what is needed of files. */
    public Surroundings(Path folder) throws IOException, SQLException, InterruptedException {
        this.folder = folder;
        try (RandomAccessFile original = new RandomAccessFile(file("original").toFile(), "rw")) {
            original.setLength(FILE_SIZE);
        }
        makePipe(1);
        makePipe(2);
        // whose connections nobody accepts, let alone answers
        silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        h2 = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:h2:tcp://127.0.0.1:" + h2.getPort() + "/mem:calls");
        config.setConnectionInitSql("CREATE ALIAS IF NOT EXISTS PAUSE FOR '" + Database.class.getName() + ".pause'");
        config.setMaximumPoolSize(2);
        database = new HikariDataSource(config);
        CountDownLatch held = new CountDownLatch(1);
        Thread.ofPlatform().daemon().start(() -> {
            lock.lock();
            try {
                synchronized (monitor) {
                    held.countDown();
                    released.join();
                }
            } finally {
                lock.unlock();
            }
        });
        held.await();
    }

    /** Lets go on what waits. */
    public void release() throws IOException {
        released.complete(null);
        semaphore.release();
        phaser.arrive();
        synchronized (processes) {
            processes.forEach(Process::destroyForcibly);
        }
        for (RandomAccessFile pipe : pipes) {
            pipe.write(0);
        }
    }

    @Override
    public void close() throws IOException {
        release();
        for (RandomAccessFile pipe : pipes) {
            pipe.close();
        }
        silent.close();
        database.close();
        h2.stop();
        jdkClient.shutdownNow();
    }

    CompletableFuture<Void> released() {
        return released;
    }

    Thread releasedThread() {
        return Thread.ofPlatform().daemon().start(released::join);
    }

    ReentrantLock locked() {
        return lock;
    }

    Object held() {
        return monitor;
    }

    Semaphore emptySemaphore() {
        return semaphore;
    }

    Phaser phaser() {
        return phaser;
    }

    int silentPort() {
        return silent.getLocalPort();
    }

    URI silentUri() {
        return URI.create("http://127.0.0.1:" + silentPort() + "/");
    }

    HttpClient jdkClient() {
        return jdkClient;
    }

    WebClient helidonClient() {
        return helidonClient;
    }

    HikariDataSource database() {
        return database;
    }

    /** A connection that is not the pool's: after an interrupt it is broken, and HikariCP would lend it again. */
    Connection ownConnection() throws SQLException {
        return DriverManager.getConnection(database.getJdbcUrl());
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    /** A process that says nothing. */
    Process process() throws IOException {
        Process process = new ProcessBuilder("sleep", "3600").redirectError(ProcessBuilder.Redirect.DISCARD).start();
        synchronized (processes) {
            processes.add(process);
        }
        return process;
    }

    /** A named pipe that is open, and into which nothing is written. */
    Path pipe(int number) {
        return file("pipe" + number);
    }

    private void makePipe(int number) throws IOException, InterruptedException {
        String pipe = pipe(number).toString();
        if (new ProcessBuilder("mkfifo", pipe).inheritIO().start().waitFor() != 0) {
            throw new IOException("There is no " + pipe);
        }
        pipes.add(new RandomAccessFile(pipe, "rw"));
    }
}
