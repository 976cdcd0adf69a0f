package dev.hangup.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;

/**
 * Connections without sockets: each read returns another request at once. Installed as the {@link SelectorProvider} of the JVM,
 * so that the servers run unchanged. Once a second it prints the number of responses so far, the CPU time of the process in
 * nanoseconds, and the bytes allocated.
 */
public final class EndlessConnections extends SelectorProvider {
    /** The system property that has the path of the requests. */
    static final String PATH = "endless.path";
    private static final int CONNECTIONS = 64;
    private static final SocketAddress SERVER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 80);
    private static final byte[] REQUEST = ("GET " + System.getProperty(PATH) + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);

    private final SelectorProvider real;
    private final LongAdder responses = new LongAdder();

    /** As channels require it. */
    public EndlessConnections() throws ReflectiveOperationException {
        real = (SelectorProvider) Class.forName("sun.nio.ch.DefaultSelectorProvider").getMethod("get").invoke(null);
    }

    private void report() {
        OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try {
            while (true) {
                TimeUnit.SECONDS.sleep(1);
                System.out.println(responses.sum() + " " + process.getProcessCpuTime() + " "
                                           + threads.getTotalThreadAllocatedBytes());
            }
        } catch (InterruptedException e) {
            // nobody interrupts this thread
        }
    }

    @Override
    public ServerSocketChannel openServerSocketChannel() {
        return new Listener();
    }

    @Override
    public SocketChannel openSocketChannel() throws IOException {
        return real.openSocketChannel();
    }

    @Override
    public DatagramChannel openDatagramChannel() throws IOException {
        return real.openDatagramChannel();
    }

    @Override
    public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
        return real.openDatagramChannel(family);
    }

    @Override
    public Pipe openPipe() throws IOException {
        return real.openPipe();
    }

    @Override
    public AbstractSelector openSelector() throws IOException {
        return real.openSelector();
    }

    /** Accepts so many connections. */
    private final class Listener extends ServerSocketChannel {
        private int accepted;

        private Listener() {
            super(EndlessConnections.this);
        }

        @Override
        public SocketChannel accept() throws IOException {
            if (accepted == CONNECTIONS) {
                // after the line with the port of the server
                Thread.ofPlatform().daemon().start(EndlessConnections.this::report);
            }
            if (accepted++ < CONNECTIONS) {
                return new Connection(10_000 + accepted);
            }
            try {
                Thread.sleep(Long.MAX_VALUE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new ClosedByInterruptException();
        }

        @Override
        public ServerSocketChannel bind(SocketAddress address, int backlog) {
            return this;
        }

        @Override
        public SocketAddress getLocalAddress() {
            return SERVER;
        }

        @Override
        public <T> ServerSocketChannel setOption(SocketOption<T> name, T value) {
            return this;
        }

        @Override
        public <T> T getOption(SocketOption<T> name) {
            return null;
        }

        @Override
        public Set<SocketOption<?>> supportedOptions() {
            return Set.of();
        }

        @Override
        public ServerSocket socket() {
            throw new UnsupportedOperationException();
        }

        @Override
        protected void implCloseSelectableChannel() {
            // nothing is open
        }

        @Override
        protected void implConfigureBlocking(boolean block) {
            // always blocking
        }
    }

    private final class Connection extends SocketChannel {
        private final SocketAddress client;

        private Connection(int port) {
            super(EndlessConnections.this);
            this.client = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        }

        @Override
        public int read(ByteBuffer buffer) {
            buffer.put(REQUEST);
            return REQUEST.length;
        }

        @Override
        public int write(ByteBuffer buffer) {
            int bytes = buffer.remaining();
            buffer.position(buffer.limit());
            responses.increment();
            return bytes;
        }

        @Override
        public long read(ByteBuffer[] buffers, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long write(ByteBuffer[] buffers, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public SocketAddress getRemoteAddress() {
            return client;
        }

        @Override
        public SocketAddress getLocalAddress() {
            return SERVER;
        }

        @Override
        public SocketChannel bind(SocketAddress local) {
            return this;
        }

        @Override
        public boolean connect(SocketAddress remote) {
            return true;
        }

        @Override
        public boolean finishConnect() {
            return true;
        }

        @Override
        public boolean isConnected() {
            return true;
        }

        @Override
        public boolean isConnectionPending() {
            return false;
        }

        @Override
        public SocketChannel shutdownInput() {
            return this;
        }

        @Override
        public SocketChannel shutdownOutput() {
            return this;
        }

        @Override
        public <T> SocketChannel setOption(SocketOption<T> name, T value) {
            return this;
        }

        @Override
        public <T> T getOption(SocketOption<T> name) {
            return null;
        }

        @Override
        public Set<SocketOption<?>> supportedOptions() {
            return Set.of();
        }

        @Override
        public Socket socket() {
            throw new UnsupportedOperationException();
        }

        @Override
        protected void implCloseSelectableChannel() {
            // nothing is open
        }

        @Override
        protected void implConfigureBlocking(boolean block) {
            // always blocking
        }
    }
}
