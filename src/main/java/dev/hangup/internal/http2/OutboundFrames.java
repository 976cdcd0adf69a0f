package dev.hangup.internal.http2;

import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import dev.hangup.internal.connection.RequestOverException;

import io.helidon.common.buffers.BufferData;

/**
 * Decides which of Helidon's frames a client receives. It receives none on a stream that was reset, on which Helidon 4.5.0 still
 * writes the response ({@code Http2ServerStream.writeHeaders} and {@code writeData}): work that writes such a frame gets an
 * exception once its race knows of the reset; before that, and if Helidon's own code writes it on the stream's thread, the frame is
 * silently dropped. The client receives Hangup's limits and windows instead of Helidon's.
 * <p>
 * Omitting a header block changes the table to which later blocks refer; {@link HeaderBlocks} compensates for that.
 */
final class OutboundFrames implements FrameWriter.Filter {
    private static final int DEFAULT_FRAME_SIZE = 16_384;
    /** Where the error code of a GOAWAY frame begins, and the reason behind it (RFC 9113, 6.8). */
    private static final int ERROR_CODE = Frame.HEADER_LENGTH + 4;
    private static final int REASON = ERROR_CODE + 4;
    private static final byte[] NONE = new byte[0];

    private final WatchedHttp2Connection connection;
    private final Http2Limits limits;
    private final Http2Streams streams;
    /** The client's limit for its table of header fields. Written by the connection's thread. */
    private volatile int headerTableSize = HeaderTable.SIZE;

    // all fields below are guarded by the writer's lock
    private final HeaderBlocks headerBlocks = new HeaderBlocks(Integer.MAX_VALUE);
    private final ByteArrayOutputStream block = new ByteArrayOutputStream();
    private boolean announced;
    private boolean emptiedTable;
    /**
     * The streams whose response will be complete once the frames that are still to be written have been written; below, those
     * whose last frames are being written.
     */
    private final List<Http2Exchange> complete = new ArrayList<>(1);
    private final List<Http2Exchange> delivering = new ArrayList<>(1);
    private boolean broken;

    OutboundFrames(WatchedHttp2Connection connection, Http2Limits limits, Http2Streams streams) {
        this.connection = connection;
        this.limits = limits;
        this.streams = streams;
    }

    /**
     * Sets the size of the client's table of header fields. Helidon assumes 4096 bytes, whatever the client announces ({@code
     * Http2ConnectionWriter.updateHeaderTableSize} of 4.5.0).
     */
    void headerTableSize(int bytes) {
        headerTableSize = Math.min(headerTableSize, bytes);
    }

    @Override
    public boolean absorbs(Frame frame, BufferData bytes) {
        return switch (frame.type()) {
        case Frame.WINDOW_UPDATE -> {
            if (frame.streamId() != 0) {
                connection.read(frame.streamId(), number(bytes, Frame.HEADER_LENGTH));
            }
            yield true;
        }
        case Frame.RST_STREAM -> !connection.earlyEnds().resetByHelidon(frame.streamId(), number(bytes, Frame.HEADER_LENGTH));
        case Frame.GOAWAY -> {
            connection.connectionEnd().goAwayByHelidon(number(bytes, ERROR_CODE), reason(frame, bytes));
            yield true;
        }
        default -> false;
        };
    }

    @Override
    public boolean drops(Frame frame) {
        return switch (frame.type()) {
        case Frame.HEADERS, Frame.CONTINUATION, Frame.DATA -> {
            Http2Exchange stream = streams.get(frame.streamId());
            yield stream != null && stream.isReset();
        }
        default -> false;
        };
    }

    @Override
    public BufferData filter(Frame frame, BufferData bytes) {
        return switch (frame.type()) {
        case Frame.SETTINGS -> settings(frame, bytes);
        case Frame.HEADERS, Frame.CONTINUATION -> headers(frame, bytes);
        case Frame.DATA -> data(frame, bytes);
        default -> bytes;
        };
    }

    private BufferData settings(Frame frame, BufferData bytes) {
        if (frame.acknowledges() || announced) {
            return bytes;
        }
        announced = true;
        return BufferData.create(limits.announcement());
    }

    private BufferData data(Frame frame, BufferData bytes) {
        Http2Exchange stream = streams.get(frame.streamId());
        if (stream == null) {
            connection.flow().send(null, frame.length());
            return bytes;
        }
        stream.endMayBeLost(false);
        if (frame.endsStream()) {
            stream.responseEnds();
        }
        if (frame.length() == 0 && stream.hasWholeContent()) {
            // only the end of the stream, after all content: any thread may write it, and nothing is lost if it is dropped
            return broken || stream.isReset() ? null : bytes;
        }
        if (isUnwanted(stream)) {
            throw new UncheckedIOException(new RequestOverException());
        }
        if (!stream.isReset()) {
            stream.begins();
            connection.flow().send(stream, frame.length());
            delivers(stream, stream.takes(frame));
            return bytes;
        }
        // Helidon has deducted the frame from the connection's window as if it had been written
        if (frame.length() > 0) {
            connection.inject(Frame.windowUpdate(0, frame.length()));
        }
        return null;
    }

    private BufferData headers(Frame frame, BufferData bytes) {
        byte[] whole = new byte[Frame.HEADER_LENGTH + frame.length()];
        bytes.read(whole);
        byte[] fragment = Arrays.copyOfRange(whole, Frame.HEADER_LENGTH, whole.length);
        if (frame.type() == Frame.HEADERS && frame.endsHeaders()) {
            return headers(frame.streamId(), frame.endsStream(), fragment, whole);
        }
        block.writeBytes(fragment);
        if (!frame.endsHeaders()) {
            return null;
        }
        byte[] fragments = block.toByteArray();
        block.reset();
        return headers(frame.streamId(), false, fragments, null);
    }

    /**
     * Filters a whole header block.
     *
     * @param frame the frame that contains it; {@code null} if there are several
     */
    private BufferData headers(int id, boolean endsStream, byte[] block, byte[] frame) {
        if (headerTableSize < HeaderTable.SIZE && !emptiedTable) {
            emptiedTable = true;
            headerBlocks.emptyTable();
        }
        Http2Exchange stream = streams.get(id);
        if (stream != null) {
            stream.endMayBeLost(frame == null);
            if (endsStream) {
                stream.responseEnds();
            }
            if (isUnwanted(stream)) {
                headerBlocks.skip(block);
                throw new UncheckedIOException(new RequestOverException());
            }
            if (stream.isReset()) {
                headerBlocks.skip(block);
                return null;
            }
        }
        byte[] passing = headerBlocks.pass(block);
        if (stream != null && !stream.isInterim(endsStream, headerBlocks.fields())) {
            stream.responseBegins();
            delivers(stream, endsStream || stream.hasNoContent());
        }
        return BufferData.create(passing == block && frame != null
                                         ? frame
                                         : Frame.headers(id, endsStream, NONE, passing, DEFAULT_FRAME_SIZE));
    }

    /** Whether the current thread is that of work whose request is over. */
    private boolean isUnwanted(Http2Exchange stream) {
        return stream.isOver() && !connection.isStreamThread(stream);
    }

    private void delivers(Http2Exchange stream, boolean whole) {
        if (whole && !stream.isDelivered()) {
            stream.contentEnds();
            complete.add(stream);
        }
    }

    @Override
    public void writes() {
        delivering.addAll(complete);
        complete.clear();
        delivering.forEach(Http2Exchange::delivers);
    }

    @Override
    public void wrote(boolean successfully) {
        if (!successfully) {
            broken = true;
            delivering.forEach(Http2Exchange::deliveryFailed);
            complete.clear();
        }
        delivering.clear();
    }

    private static String reason(Frame goAway, BufferData bytes) {
        StringBuilder reason = new StringBuilder();
        for (int i = REASON; i < Frame.HEADER_LENGTH + goAway.length(); i++) {
            reason.append((char) bytes.get(i));
        }
        return reason.toString();
    }

    private static int number(BufferData bytes, int at) {
        int number = 0;
        for (int i = at; i < at + 4; i++) {
            number = number << 8 | bytes.get(i) & 0xff;
        }
        return number;
    }
}
