package dev.hangup.internal.http2;

import java.nio.ByteBuffer;
import java.time.Duration;

import dev.hangup.internal.connection.GoAwayCause;
import dev.hangup.internal.http2.FrameReader.Decision;

/**
 * Decides which of a client's frames Helidon receives.
 * <p>
 * Helidon 4.5.0 ends a connection and all its requests for many reasons that concern one stream only: frames that were under way
 * when the server ended the stream ({@code Http2Connection.rstStream} and {@code doHeaders}), or one stream too many ({@code
 * activateStream}). Data that a handler does not read blocks all streams ({@code Http2ServerStream.data}). Finished streams are
 * forgotten. So this class tracks the state of each stream (RFC 9113, 5.1), and decides about each frame before Helidon receives
 * it:
 * <ul>
 * <li>Frames of a request in flight pass; data passes only while Helidon's queue has room ({@link StreamInput}).</li>
 * <li>Frames that were under way when their stream ended are dropped. Their header blocks are still processed, since later blocks
 * may refer to them ({@link HeaderBlocks}).</li>
 * <li>An error of the client on one stream resets that stream.</li>
 * <li>Requests that the last GOAWAY calls unprocessed are refused. They may have been under way, and the client may repeat them on
 * another connection.</li>
 * <li>An error on the connection ends the connection, as in Helidon.</li>
 * </ul>
 * A RST_STREAM frame notifies Helidon of the early end of a stream, whatever the cause. It wakes a thread that waits for the rest
 * of a body, and makes Helidon forget the stream.
 * <p>
 * Only for the connection's thread.
 */
final class InboundFrames implements FrameReader.Decisions {
    /**
     * The maximum number of frames per second that must be acknowledged or have no effect: PING, SETTINGS, their
     * acknowledgements, PRIORITY and frames of unknown types. Well-behaved clients send far fewer.
     */
    private static final int MAX_CONTROL_FRAMES = 1000;
    /**
     * The maximum number of changes per second of the client's window for all its streams. Clients that adapt it to the bandwidth
     * double it each time. Helidon wakes the writer of each stream that waits for room ({@code Http2Connection.clientSettings} and
     * {@code WindowSizeImpl.Outbound.resetWindowSize} of 4.5.0), even if the window is the same; so it receives changes only.
     */
    private static final int MAX_WINDOW_CHANGES = 10;
    /** Length of the payload of a WINDOW_UPDATE or RST_STREAM frame in bytes (RFC 9113, 6.4 and 6.9). */
    private static final int WINDOW_INCREMENT = 4;
    private static final int ERROR_CODE = 4;
    /** The number of frames after which the thread yields to other virtual threads, even if more frames are available. */
    private static final int FRAMES_PER_TURN = 32;

    private final WatchedHttp2Connection connection;
    private final Http2Limits limits;
    private final Http2Streams streams;
    private final HeaderBlocks headerBlocks;
    private final FlowControl flow;
    private final InboundQueue queue;
    private final RateLimit resets;
    private final RateLimit refusals;
    private final RateLimit controlFrames = new RateLimit(MAX_CONTROL_FRAMES, Duration.ofSeconds(1));
    private final RateLimit windowChanges = new RateLimit(MAX_WINDOW_CHANGES, Duration.ofSeconds(1));

    // all fields below are owned by the connection's thread
    private final HeaderBlockAssembly assembly = new HeaderBlockAssembly();
    private int emptyFrames;
    private int frames;
    /** Whether the client knows how many streams it may open, and how much it may send on each. */
    private boolean limitsKnown;
    private boolean ended;
    private boolean finished;
    /** The newest request passed to Helidon. */
    private int newest;
    /** Whether the request for an upgrade is still to begin. */
    private boolean upgrading;
    /** Whether the settings in that request violate flow control, so that it must not begin. */
    private boolean upgradeRefused;
    /** Whether that request must not begin any more, as it does in Helidon with any SETTINGS: Helidon receives none. */
    private boolean upgradeTooLate;

    InboundFrames(WatchedHttp2Connection connection, Http2Limits limits, Http2Streams streams, FlowControl flow,
                  InboundQueue queue) {
        this.connection = connection;
        this.limits = limits;
        this.streams = streams;
        this.headerBlocks = new HeaderBlocks(limits.maxBlockSize());
        this.flow = flow;
        this.queue = queue;
        this.resets = new RateLimit(limits.maxResets(), limits.resetPeriod());
        this.refusals = new RateLimit(limits.maxResets(), limits.resetPeriod());
    }

    /** The newest request passed to Helidon; {@code null} if Helidon has finished it. */
    Http2Exchange newest() {
        return streams.get(newest);
    }

    /**
     * Called when the client's first request, on stream 1, was one for an upgrade. As in Helidon, that stream is opened by the
     * client's first frame, its SETTINGS, and not before. Until then the connection is idle: the client may never send them, or a
     * reset of the stream right behind them, which Helidon must not receive before it has the stream. The server stops such a
     * connection as an idle one, announces that the request was not processed, and does not run it.
     *
     * @param refused whether the settings in the request violate flow control, so that the connection ends instead
     */
    void upgraded(boolean refused) {
        upgrading = true;
        upgradeRefused = refused;
    }

    @Override
    public byte[] next() {
        byte[] next = queue.next(ended);
        if (next == null && !finished && connection.connectionEnd().isDue()) {
            finished = true;
            next = Frame.goAway(0);
        }
        if (next == null) {
            connection.beforeRead();
        }
        return next;
    }

    @Override
    public void ended() {
        ended = true;
        connection.gone();
        streams.forEach(stream -> {
            if (stream.bodyOpen()) {
                connection.earlyEnds().abort(stream);
            } else if (stream.input != null) {
                queue.hold(stream);
            }
        });
    }

    @Override
    public Decision begins(Frame frame) {
        if (++frames % FRAMES_PER_TURN == 0) {
            Thread.yield();
        }
        countResetsByClient();
        if (connection.connectionEnd().isFailed()) {
            return Decision.DROP;
        }
        if (upgrading && (frame.type() != Frame.SETTINGS || frame.acknowledges())) {
            // RFC 9113, 3.4. Helidon takes any frame, but cannot run stream 1 behind a later one
            return fail(GoAwayCause.PROTOCOL);
        }
        if (frame.length() > limits.maxFrameSize()) {
            return fail(GoAwayCause.FRAME_SIZE);
        }
        if (!assembly.allows(frame)) {
            return fail(GoAwayCause.PROTOCOL);
        }
        return switch (frame.type()) {
        case Frame.DATA -> Decision.COLLECT;
        case Frame.HEADERS -> isClientInitiated(frame.streamId()) ? Decision.COLLECT : fail(GoAwayCause.PROTOCOL);
        case Frame.CONTINUATION -> Decision.COLLECT;
        case Frame.SETTINGS -> settings(frame);
        case Frame.RST_STREAM -> reset(frame);
        case Frame.WINDOW_UPDATE -> windowUpdate(frame);
        case Frame.PING -> ping(frame);
        case Frame.GOAWAY -> connection.connectionEnd().holdsGoAway() ? Decision.DROP : Decision.PASS;
        case Frame.PRIORITY -> controlFrame(Decision.PASS);
        case Frame.PUSH_PROMISE -> Decision.PASS;
        default -> controlFrame(Decision.DROP);
        };
    }

    @Override
    public void complete(Frame frame, byte[] payload) {
        if (connection.connectionEnd().isFailed()) {
            return;
        }
        switch (frame.type()) {
        case Frame.DATA -> data(frame, payload);
        case Frame.SETTINGS -> settings(payload);
        case Frame.PING -> pingAcknowledged(ByteBuffer.wrap(payload).getLong());
        case Frame.WINDOW_UPDATE -> windowUpdate(frame, payload);
        case Frame.HEADERS -> headers(frame, payload);
        case Frame.CONTINUATION -> continuation(frame, payload);
        default -> throw new IllegalStateException("Not collected: " + frame);
        }
    }

    /** Streams that a client opens have odd numbers (RFC 9113, 5.1.1). */
    private static boolean isClientInitiated(int id) {
        return id % 2 == 1;
    }

    private Decision fail(GoAwayCause cause) {
        connection.connectionEnd().fail(cause);
        return Decision.DROP;
    }

    private void data(Frame frame, byte[] payload) {
        int id = frame.streamId();
        if (!isClientInitiated(id) || !streams.known(id)) {
            fail(GoAwayCause.PROTOCOL);
            return;
        }
        if (isEmptyTooOften(payload.length == 0 && !frame.endsStream())) {
            fail(GoAwayCause.EMPTY_FRAMES);
            return;
        }
        if (!flow.receive(payload.length)) {
            fail(GoAwayCause.FLOW_CONTROL);
            return;
        }
        Http2Exchange stream = streams.get(id);
        if (stream == null || stream.isReset()) {
            dataOfEnded(frame);
        } else if (!stream.bodyOpen()) {
            streamError(stream, Frame.STREAM_CLOSED);
            flow.dropped(payload.length);
        } else if (!stream.input.receive(payload.length)) {
            streamError(stream, Frame.FLOW_CONTROL_ERROR);
        } else {
            data(frame, payload, stream);
        }
    }

    private void data(Frame frame, byte[] payload, Http2Exchange stream) {
        if (frame.endsStream()) {
            end(stream);
        }
        if (stream.isBodyUnwanted()) {
            flow.discard(stream);
        } else if (stream.input.mayPass(payload.length)) {
            if (frame.endsStream()) {
                stream.endDelivered();
            }
            queue.add(frame.with(payload));
        } else {
            hold(frame, payload, stream);
        }
        if (streams.get(stream.id) != stream) {
            // the stream was forgotten meanwhile, possibly before the data was counted as unread
            flow.discard(stream);
        }
    }

    /** Holds data without its padding, which would keep small frames from being joined. */
    private void hold(Frame frame, byte[] payload, Http2Exchange stream) {
        byte[] content = frame.content(payload);
        if (content == null) {
            fail(GoAwayCause.PROTOCOL);
            return;
        }
        stream.input.hold(content, frame.endsStream());
        // the handler may have read meanwhile
        queue.hold(stream);
        if (content.length < payload.length) {
            flow.dropped(stream, payload.length - content.length);
        }
    }

    private void dataOfEnded(Frame frame) {
        if (!isExpected(frame)) {
            fail(GoAwayCause.STREAM_CLOSED);
            return;
        }
        flow.dropped(frame.length());
    }

    /**
     * Whether a frame may arrive on a stream that has ended in the server: not if the client has ended or reset it. Records that
     * the client has, if the frame says so.
     */
    private boolean isExpected(Frame frame) {
        int id = frame.streamId();
        Http2Exchange stream = streams.find(id);
        if (stream != null && stream.bodyOpen()) {
            if (frame.endsStream()) {
                end(stream);
            }
            return true;
        }
        boolean late = streams.cutShort().isLate(id);
        if (late && frame.endsStream()) {
            connection.earlyEnds().endedByClient(id);
        }
        return late;
    }

    private void end(Http2Exchange stream) {
        stream.bodyEnds();
        connection.earlyEnds().endedByClient(stream.id);
    }

    private boolean isEmptyTooOften(boolean empty) {
        emptyFrames = empty ? emptyFrames + 1 : 0;
        return emptyFrames > limits.maxEmptyFrames();
    }

    private Decision settings(Frame frame) {
        if (frame.acknowledges()) {
            limitsKnown = true;
            return controlFrame(Decision.PASS);
        }
        // Helidon refuses malformed frames
        boolean wellFormed = frame.streamId() == 0 && ClientSettings.isLength(frame.length());
        return controlFrame(wellFormed ? Decision.COLLECT : Decision.PASS);
    }

    private Decision ping(Frame frame) {
        boolean acknowledgement = frame.acknowledges() && frame.streamId() == 0 && frame.length() == Long.BYTES;
        return controlFrame(acknowledgement ? Decision.COLLECT : Decision.PASS);
    }

    private void pingAcknowledged(long data) {
        if (connection.earlyEnds().pingAcknowledged(data)) {
            // it was counted as a control frame, but the client had to send it
            controlFrames.allow(1);
        }
        connection.connectionEnd().pingAcknowledged(data);
    }

    /** Returns the given decision, unless there were too many frames of this kind. */
    private Decision controlFrame(Decision decision) {
        return controlFrames.exceeded() ? fail(GoAwayCause.CONTROL_FRAMES) : decision;
    }

    private void settings(byte[] payload) {
        ClientSettings settings = ClientSettings.read(payload);
        boolean changesWindow = flow.isChangedBy(settings);
        if (changesWindow && windowChanges.exceeded()) {
            fail(GoAwayCause.CONTROL_FRAMES);
            return;
        }
        if (upgradeRefused || !connection.apply(settings)) {
            fail(GoAwayCause.FLOW_CONTROL);
            return;
        }
        if (upgrading) {
            upgrading = false;
            if (connection.open(1, false)) {
                newest = 1;
            } else {
                upgradeTooLate = true;
                connection.earlyEnds().refuse(1, false);
            }
        }
        if (upgradeTooLate) {
            connection.writer().writeWhenRoom(Frame.settingsAcknowledgement());
            return;
        }
        // an early end of the stream that was just opened follows this frame, which makes Helidon run it
        queue.add(Frame.settings(changesWindow ? settings.known() : settings.knownWithoutInitialWindow()));
    }

    private Decision windowUpdate(Frame frame) {
        int id = frame.streamId();
        if (frame.length() != WINDOW_INCREMENT) {
            return fail(GoAwayCause.FRAME_SIZE);
        }
        if (flow.updatedTooOften()) {
            return fail(GoAwayCause.CONTROL_FRAMES);
        }
        if (id == 0) {
            return Decision.COLLECT;
        }
        if (!isClientInitiated(id) || !streams.known(id)) {
            return fail(GoAwayCause.PROTOCOL);
        }
        Http2Exchange stream = streams.get(id);
        return stream != null && stream.isKnownToHelidon() ? Decision.COLLECT : Decision.DROP;
    }

    private void windowUpdate(Frame frame, byte[] payload) {
        int increment = ByteBuffer.wrap(payload).getInt() & Integer.MAX_VALUE;
        Http2Exchange stream = streams.get(frame.streamId());
        if (frame.streamId() != 0 && stream == null) {
            // the stream has ended since the frame began
            return;
        }
        if (increment > 0 && flow.grant(stream, increment)) {
            queue.add(frame.with(payload));
        } else if (stream != null) {
            streamError(stream, increment == 0 ? Frame.PROTOCOL_ERROR : Frame.FLOW_CONTROL_ERROR);
        } else {
            fail(increment == 0 ? GoAwayCause.PROTOCOL : GoAwayCause.FLOW_CONTROL);
        }
    }

    private Decision reset(Frame frame) {
        int id = frame.streamId();
        if (!isClientInitiated(id) || !streams.known(id)) {
            return fail(GoAwayCause.PROTOCOL);
        }
        if (frame.length() != ERROR_CODE) {
            return fail(GoAwayCause.FRAME_SIZE);
        }
        streams.resetInOrder(id);
        Http2Exchange stream = streams.find(id);
        if (stream != null) {
            stream.resetByClient();
            end(stream);
            countResetsByClient();
        }
        return Decision.DROP;
    }

    /** Whether the client has acknowledged the server's settings. */
    boolean areLimitsKnown() {
        return limitsKnown;
    }

    /** Whether the client sends no more. */
    boolean hasEnded() {
        return ended;
    }

    /**
     * Counts the requests that the client has cut short, including those whose resets the reading thread has noticed in frames that
     * are yet to be decided about. Called at the beginning of each frame, so that no request passes once there are too many.
     */
    private void countResetsByClient() {
        for (int left = connection.earlyEnds().takeCutShortByClient(); left > 0; left--) {
            countReset();
        }
    }

    /** Called once for each request that was cut short by its client, or because of an error of the client. */
    private void countReset() {
        if (resets.exceeded()) {
            fail(GoAwayCause.RESETS);
        }
    }

    private void streamError(Http2Exchange stream, int errorCode) {
        if (connection.earlyEnds().resetForError(stream, errorCode)) {
            countReset();
        }
    }

    private void headers(Frame frame, byte[] payload) {
        if (!assembly.begin(frame, payload)) {
            fail(GoAwayCause.PROTOCOL);
        } else if (frame.endsHeaders()) {
            endBlock();
        }
    }

    /** Adds a CONTINUATION frame. Helidon 4.5.0 accepts any number of empty ones ({@code Http2Connection.doContinuation}). */
    private void continuation(Frame frame, byte[] payload) {
        if (isEmptyTooOften(payload.length == 0 && !frame.endsHeaders())) {
            fail(GoAwayCause.EMPTY_FRAMES);
            return;
        }
        assembly.append(payload);
        if (assembly.size() > limits.maxBlockSize()) {
            fail(GoAwayCause.HEADER_BLOCK);
        } else if (frame.endsHeaders()) {
            endBlock();
        }
    }

    private void endBlock() {
        Frame began = assembly.firstFrame();
        byte[] block = assembly.end();
        try {
            if (streams.known(began.streamId())) {
                trailers(began, headerBlocks.skip(block));
            } else {
                request(began, block);
            }
        } catch (HeaderCompressionException e) {
            fail(GoAwayCause.COMPRESSION);
        }
    }

    private void request(Frame began, byte[] block) {
        int id = began.streamId();
        if (streams.isClosed()) {
            headerBlocks.skip(block);
            connection.earlyEnds().refuse(id, !began.endsStream());
            return;
        }
        if (streams.open() >= limits.maxStreams() || streams.running() >= limits.maxRunning()) {
            headerBlocks.skip(block);
            connection.earlyEnds().refuseExcess(id, !began.endsStream());
            if (limitsKnown && refusals.exceeded()) {
                fail(GoAwayCause.REFUSED_STREAMS);
            }
            return;
        }
        byte[] passing = headerBlocks.pass(block);
        if (passing == null) {
            connection.earlyEnds().refuseHeaders(id, !began.endsStream());
            return;
        }
        if (!connection.open(id, !began.endsStream())) {
            // Helidon misses a block that may have changed its table, but receives no others
            connection.earlyEnds().refuse(id, !began.endsStream());
            return;
        }
        newest = id;
        queue.add(Frame.headers(id, began.endsStream(), assembly.priority(), passing, limits.maxFrameSize()));
    }

    /** Handles trailers. Helidon does not use them, so it is only notified of the end of the data. */
    private void trailers(Frame began, boolean pseudoHeader) {
        int id = began.streamId();
        Http2Exchange stream = streams.get(id);
        if (stream == null || stream.isReset()) {
            if (!isExpected(began)) {
                fail(id == streams.last() ? GoAwayCause.STREAM_CLOSED : GoAwayCause.PROTOCOL);
            }
        } else if (!stream.bodyOpen()) {
            streamError(stream, Frame.STREAM_CLOSED);
        } else if (!began.endsStream() || pseudoHeader) {
            streamError(stream, Frame.PROTOCOL_ERROR);
        } else {
            end(stream);
            if (!stream.isBodyUnwanted()) {
                stream.input.hold(new byte[0], true);
                queue.hold(stream);
            }
        }
    }

    /**
     * Called when Helidon has reset a stream because of the last frame that it received: the length of the content differs from
     * that declared by the request. Helidon forgets the stream by itself, but expects further data until it has seen the end of
     * the stream.
     */
    void contentRefused(Http2Exchange stream) {
        if (!stream.isEndDelivered()) {
            queue.add(Frame.endOfData(stream.id));
        }
        stream.closedInHelidon();
        countReset();
    }
}
