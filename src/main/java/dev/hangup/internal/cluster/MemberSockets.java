package dev.hangup.internal.cluster;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

import dev.hangup.internal.text.SafeLog;
import dev.hangup.internal.time.Timer;

import org.jgroups.util.DefaultSocketFactory;

/**
 * The sockets of a membership, with mutual TLS. JGroups (5.5.2) would make the TLS handshakes of all connections on its acceptor,
 * one after the other, so that anyone who reaches the port and sends nothing could keep members from each other. Here each
 * handshake has a thread of its own and {@link #TIME} in all. Of more than {@link #MAX_HANDSHAKES} at a time, the oldest is
 * aborted. JGroups accepts only connections whose handshake has succeeded. All threads are platform threads, as those of JGroups
 * are: a membership outlives frozen carriers.
 */
final class MemberSockets extends DefaultSocketFactory {
    private static final SafeLog LOGGER = new SafeLog(MemberSockets.class);
    static final int MAX_HANDSHAKES = 64;
    static final Duration TIME = Duration.ofSeconds(2);
    private static final int PAUSE_MILLIS = 100;

    private final SSLContext tls;
    private final SSLParameters parameters;
    private final Duration time;
    private final Set<Listener> listeners = ConcurrentHashMap.newKeySet();

    MemberSockets(SSLContext tls, SSLParameters parameters) {
        this(tls, parameters, TIME);
    }

    /**
     * @param parameters the protocols and cipher suites of all connections
     * @param time       the time for a handshake
     */
    MemberSockets(SSLContext tls, SSLParameters parameters, Duration time) {
        super(tls);
        this.tls = tls;
        this.parameters = parameters;
        this.time = time;
        setSocketConfigurator(connecting -> ((SSLSocket) connecting).setSSLParameters(parameters));
    }

    /** The only kind of server socket that JGroups creates for TCP. */
    @Override
    public ServerSocket createServerSocket(String name) throws IOException {
        Listener listener = new Listener();
        listeners.add(listener);
        return listener;
    }

    /**
     * Closes the server sockets. JGroups does not close that of a membership that fails to join before it accepts ({@code
     * TcpServer.stop}).
     */
    void close() {
        listeners.forEach(Listener::close);
    }

    private final class Listener extends ServerSocket {
        /** The connections that JGroups has not taken. Bounded, since the thread that takes them may have ended. */
        private final BlockingQueue<Socket> accepted = new ArrayBlockingQueue<>(MAX_HANDSHAKES);
        /** Settles the races of the end of a handshake, its abort and the close of this socket. */
        private final Lock lock = new ReentrantLock();
        /** The connections whose handshake goes on, the oldest first. Guarded by the lock. */
        private final Set<Socket> handshakes = new LinkedHashSet<>();

        private Listener() throws IOException {
        }

        @Override
        public void bind(SocketAddress address, int backlog) throws IOException {
            super.bind(address, backlog);
            try {
                Thread.ofPlatform().daemon().name("hangup-cluster-accept").start(this::acceptPeers);
            } catch (Error e) {
                // no native thread
                close();
                throw e;
            }
        }

        /** Called by the acceptor of JGroups, which is interrupted when this socket is closed. */
        @Override
        public Socket accept() throws IOException {
            try {
                return accepted.take();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SocketException("Closed");
            }
        }

        @Override
        public void close() {
            listeners.remove(this);
            try {
                super.close();
            } catch (IOException e) {
                LOGGER.log(System.Logger.Level.DEBUG, "Could not close " + this, e);
            }
            lock.lock();
            try {
                handshakes.forEach(MemberSockets::closeQuietly);
                accepted.forEach(MemberSockets::closeQuietly);
            } finally {
                lock.unlock();
            }
        }

        private void acceptPeers() {
            boolean failing = false;
            while (!isClosed()) {
                try {
                    begin(super.accept());
                    failing = false;
                } catch (IOException | RuntimeException | Error e) {
                    // must not end this thread: this member would accept no other
                    LOGGER.log(failing || isClosed() ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING,
                               "A connection of another member could not be accepted", e);
                    failing = true;
                    pause();
                }
            }
        }

        /** There may be no file or no thread for another connection. */
        private void pause() {
            try {
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                // nobody interrupts this thread
            }
        }

        private void begin(Socket peer) {
            lock.lock();
            try {
                if (handshakes.size() == MAX_HANDSHAKES) {
                    abort(handshakes.iterator().next());
                }
                handshakes.add(peer);
            } finally {
                lock.unlock();
            }
            try {
                Future<?> timeout = Timer.after(time, () -> abort(peer));
                Thread.ofPlatform().daemon().name("hangup-cluster-handshake").start(() -> shakeHands(peer, timeout));
            } catch (RuntimeException | Error e) {
                abort(peer);
                throw e;
            }
        }

        private void shakeHands(Socket peer, Future<?> timeout) {
            try {
                SSLSocket member = (SSLSocket) tls.getSocketFactory()
                        .createSocket(peer, peer.getInetAddress().getHostAddress(), peer.getPort(), true);
                member.setUseClientMode(false);
                member.setSSLParameters(parameters);
                member.setNeedClientAuth(true);
                member.startHandshake();
                admit(peer, member);
            } catch (IOException | RuntimeException e) {
                LOGGER.log(System.Logger.Level.DEBUG, "No member: " + peer, e);
            } finally {
                timeout.cancel(false);
                // without effect on one that was admitted
                abort(peer);
            }
        }

        private void admit(Socket peer, SSLSocket member) {
            lock.lock();
            try {
                if (!isClosed() && handshakes.contains(peer) && accepted.offer(member)) {
                    handshakes.remove(peer);
                }
            } finally {
                lock.unlock();
            }
        }

        private void abort(Socket peer) {
            lock.lock();
            try {
                if (handshakes.remove(peer)) {
                    closeQuietly(peer);
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "Could not close " + socket, e);
        }
    }
}
