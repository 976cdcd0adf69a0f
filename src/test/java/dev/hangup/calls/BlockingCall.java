package dev.hangup.calls;

import java.io.FileInputStream;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Exchanger;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.hangup.process.Command;
import dev.hangup.sql.CancellableSql;
import dev.hangup.testing.Database;

/**
 * A call that blocks, and what becomes of it when its client leaves. The table in the guide has each of them.
 *
 * @param name   as the guide writes it
 * @param effect what an interrupt does
 * @param block  makes the call; it ends when its surroundings are released, if not before
 */
public record BlockingCall(String name, Effect effect, Block block) {
    private static final long HOUR = TimeUnit.HOURS.toMillis(1);

    /** All calls that the guide names. */
    public static List<BlockingCall> all() {
        return Stream.of(javaUtilConcurrent(), inputAndOutput(), libraries(), deaf(), hot()).flatMap(List::stream).toList();
    }

    private static List<BlockingCall> javaUtilConcurrent() {
        return List.of(
                stops("Thread.sleep", it -> Thread.sleep(HOUR)),
                stops("Thread.join", it -> it.releasedThread().join()),
                stops("Object.wait", it -> {
                    Object monitor = new Object();
                    synchronized (monitor) {
                        monitor.wait(HOUR);
                    }
                }),
                stops("Condition.await", it -> {
                    ReentrantLock lock = new ReentrantLock();
                    lock.lock();
                    try {
                        lock.newCondition().await();
                    } finally {
                        lock.unlock();
                    }
                }),
                stops("Lock.lockInterruptibly", it -> it.locked().lockInterruptibly()),
                stops("BlockingQueue.take", it -> new LinkedBlockingQueue<>().take()),
                stops("BlockingQueue.poll", it -> new LinkedBlockingQueue<>().poll(HOUR, TimeUnit.MILLISECONDS)),
                stops("Semaphore.acquire", it -> new Semaphore(0).acquire()),
                stops("CountDownLatch.await", it -> new CountDownLatch(1).await()),
                stops("Exchanger.exchange", it -> new Exchanger<String>().exchange("")),
                stops("Phaser.awaitAdvanceInterruptibly", it -> {
                    Phaser phaser = new Phaser(2);
                    phaser.awaitAdvanceInterruptibly(phaser.arrive());
                }),
                stops("Future.get", it -> it.released().get()),
                stops("StructuredTaskScope.join", it -> joinScope()),
                stops("Stream.iterator", it -> {
                    BlockingQueue<String> source = new LinkedBlockingQueue<>();
                    Stream.generate(() -> taken(source)).iterator().next();
                }));
    }

    private static List<BlockingCall> inputAndOutput() {
        return List.of(
                stops("Socket", it -> {
                    try (Socket socket = new Socket("127.0.0.1", it.silentPort())) {
                        socket.getInputStream().read();
                    }
                }),
                stops("SocketChannel", it -> {
                    try (SocketChannel channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", it.silentPort()))) {
                        channel.read(ByteBuffer.allocate(1));
                    }
                }),
                stops("FileChannel", BlockingCall::readAgainAndAgain),
                stops("Process.waitFor", it -> it.process().waitFor()));
    }

    private static List<BlockingCall> libraries() {
        return List.of(
                stops("HttpClient.send", it -> it.jdkClient().send(HttpRequest.newBuilder(it.silentUri()).build(),
                                                                   HttpResponse.BodyHandlers.discarding())),
                stops("URLConnection", it -> ((HttpURLConnection) it.silentUri().toURL().openConnection()).getResponseCode()),
                stops("WebClient", it -> it.helidonClient().get().uri(it.silentUri()).request().close()),
                stops("Command.run", it -> Command.of("sleep", "3600").run()),
                stops("Statement.execute", it -> {
                    try (Connection connection = it.ownConnection()) {
                        // goes on for as long in the database
                        Database.H2.sleep(connection, Duration.ofSeconds(3));
                    }
                }),
                stops("CancellableSql.call", it -> CancellableSql.of(it.database()).call(connection -> {
                    Database.H2.sleep(connection, Duration.ofHours(1));
                    return null;
                })));
    }

    private static List<BlockingCall> deaf() {
        return List.of(
                goesOn("Lock.lock", it -> {
                    ReentrantLock lock = it.locked();
                    lock.lock();
                    lock.unlock();
                }),
                goesOn("synchronized", it -> {
                    synchronized (it.held()) {
                        it.held().hashCode();
                    }
                }),
                goesOn("CompletableFuture.join", it -> it.released().join()),
                goesOn("Stream.parallel", BlockingCall::parallelStream),
                goesOn("Semaphore.acquireUninterruptibly", it -> it.emptySemaphore().acquireUninterruptibly()),
                goesOn("Phaser.arriveAndAwaitAdvance", it -> it.phaser().arriveAndAwaitAdvance()),
                goesOn("FileInputStream.read", it -> {
                    try (InputStream input = new FileInputStream(it.pipe(1).toFile())) {
                        input.read();
                    }
                }),
                // of a named pipe
                goesOn("FileChannel.read", it -> {
                    try (FileChannel channel = FileChannel.open(it.pipe(2), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                        channel.read(ByteBuffer.allocate(1));
                    }
                }),
                goesOn("Process.getInputStream", it -> it.process().getInputStream().read()),
                goesOn("Files.copy", BlockingCall::copy));
    }

    private static List<BlockingCall> hot() {
        return List.of(
                returns("LockSupport.park", it -> LockSupport.park()),
                returns("LockSupport.parkNanos", it -> LockSupport.parkNanos(TimeUnit.HOURS.toNanos(1))),
                returns("Selector.select", it -> {
                    try (Selector selector = Selector.open()) {
                        selector.select();
                    }
                }),
                returns("Thread.onSpinWait", it -> Thread.onSpinWait()));
    }

    private static String taken(BlockingQueue<String> source) {
        try {
            return source.take();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The scope has a fork that lasts. Its type is different before JDK 25. */
    private static void joinScope() throws Exception {
        Class<?> type = Class.forName("java.util.concurrent.StructuredTaskScope");
        try (AutoCloseable scope = (AutoCloseable) (type.isInterface() ? type.getMethod("open").invoke(null)
                : type.getConstructor().newInstance())) {
            Callable<String> fork = () -> {
                Thread.sleep(HOUR);
                return "never";
            };
            type.getMethod("fork", Callable.class).invoke(scope, fork);
            type.getMethod("join").invoke(scope);
        } catch (InvocationTargetException e) {
            throw (Exception) e.getCause();
        }
    }

    /** One of the elements is on a thread of the common pool, and lasts. */
    private static void parallelStream(Surroundings surroundings) {
        Thread caller = Thread.currentThread();
        CompletableFuture<Void> elsewhere = new CompletableFuture<>();
        IntStream.range(0, 8).parallel().forEach(i -> {
            if (Thread.currentThread() == caller) {
                elsewhere.join();
            } else {
                elsewhere.complete(null);
                surroundings.released().join();
            }
        });
    }

    /** A copy of megabytes that begins when the interrupt is there, and the waiting that shows that it has not thrown. */
    private static void copy(Surroundings surroundings) throws Exception {
        try {
            Thread.sleep(HOUR);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Path copy = surroundings.file("copy");
        Files.copy(surroundings.file("original"), copy);
        if (Files.size(copy) != Surroundings.FILE_SIZE) {
            throw new AssertionError("Not copied: " + copy);
        }
        surroundings.released().join();
    }

    /** A file that never ends, in small pieces. */
    private static void readAgainAndAgain(Surroundings surroundings) throws Exception {
        try (FileChannel channel = FileChannel.open(surroundings.file("original"), StandardOpenOption.READ)) {
            while (!surroundings.released().isDone()) {
                channel.read(ByteBuffer.allocate(100), 0);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
        }
    }

    private static BlockingCall stops(String name, Block block) {
        return new BlockingCall(name, Effect.STOPS, block);
    }

    private static BlockingCall goesOn(String name, Block block) {
        return new BlockingCall(name, Effect.GOES_ON, block);
    }

    private static BlockingCall returns(String name, Block block) {
        return new BlockingCall(name, Effect.RETURNS, block);
    }

    @Override
    public String toString() {
        return name;
    }

    /** What an interrupt does to a call. */
    public enum Effect {
        /** It throws. */
        STOPS("stops"),
        /** Nothing. */
        GOES_ON("goes on"),
        /** It returns, and returns at once from then on, since it leaves the interrupt status set. */
        RETURNS("returns at once");

        private final String text;

        Effect(String text) {
            this.text = text;
        }

        /** As the guide writes it. */
        public String text() {
            return text;
        }
    }

    /** A call. */
    @FunctionalInterface
    public interface Block {
        /** Makes it. */
        void in(Surroundings surroundings) throws Exception;
    }
}
