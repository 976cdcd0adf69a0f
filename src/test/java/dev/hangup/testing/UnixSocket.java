package dev.hangup.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** A client's end of a Unix domain socket, in the shape of any other; the JDK has channels only. */
public final class UnixSocket extends Socket {
    private final SocketChannel channel;

    private UnixSocket(SocketChannel channel) {
        this.channel = channel;
    }

    /** A client that is connected. */
    public static RawClient connect(Path path) {
        try {
            return RawClient.over(new UnixSocket(SocketChannel.open(UnixDomainSocketAddress.of(path))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public InputStream getInputStream() {
        return Channels.newInputStream(channel);
    }

    @Override
    public OutputStream getOutputStream() {
        return Channels.newOutputStream(channel);
    }

    @Override
    public void setTcpNoDelay(boolean on) {
        // it is none of TCP
    }

    @Override
    public void setSoTimeout(int timeout) {
        // a test that hangs is a test that fails
    }

    @Override
    public void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
