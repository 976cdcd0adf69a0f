package dev.hangup.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** Passes bytes on between clients and a server on this machine, but for the time of a pause, in which it holds them. */
public final class PausableProxy implements AutoCloseable {
    private final int target;
    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Lock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Guarded by the lock. */
    private boolean paused;
    /** How many threads hold bytes. Guarded by the lock. */
    private int holding;

    /** In front of a server on this port. */
    public PausableProxy(int target) {
        try {
            this.target = target;
            this.listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    /** Where it listens. */
    public int port() {
        return listener.getLocalPort();
    }

    /** Holds what is sent from now on. */
    public void pause() {
        set(true);
    }

    /** Passes on what it holds, and what is sent from now on. */
    public void resume() {
        set(false);
    }

    /** Waits until it holds something. */
    public void awaitHeld() {
        Await.until("something is held", () -> {
            lock.lock();
            try {
                return holding > 0;
            } finally {
                lock.unlock();
            }
        });
    }

    @Override
    public void close() throws IOException {
        listener.close();
        resume();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private void set(boolean pause) {
        lock.lock();
        try {
            paused = pause;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.add(client);
                sockets.add(server);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                Thread.ofVirtual().start(() -> pass(client, server));
                Thread.ofVirtual().start(() -> pass(server, client));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void pass(Socket from, Socket to) {
        try (from; to) {
            InputStream input = from.getInputStream();
            OutputStream output = to.getOutputStream();
            byte[] bytes = new byte[8192];
            for (int read = input.read(bytes); read >= 0; read = input.read(bytes)) {
                awaitPassage();
                output.write(bytes, 0, read);
            }
        } catch (IOException | InterruptedException e) {
            // one of the two has closed
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private void awaitPassage() throws InterruptedException {
        lock.lock();
        try {
            holding++;
            while (paused) {
                changed.await();
            }
            holding--;
        } finally {
            lock.unlock();
        }
    }
}
