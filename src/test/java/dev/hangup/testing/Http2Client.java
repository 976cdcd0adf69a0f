package dev.hangup.testing;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

import io.helidon.common.buffers.BufferData;
import io.helidon.http.http2.Http2FrameData;
import io.helidon.http.http2.Http2FrameHeader;
import io.helidon.http.http2.Http2Headers;
import io.helidon.http.http2.Http2HuffmanDecoder;

/**
 * A client that sends exactly the frames that it is told to, and collects those that come. Acknowledges settings and
 * PINGs, and allows the server to send as much as it likes.
 */
public final class Http2Client implements AutoCloseable {
    /** A reset for no particular reason. */
    public static final int CANCEL = 8;

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int PRIORITY = 2;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int CONTINUATION = 9;
    private static final int ACK = 1;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int PADDED = 8;
    private static final int HEADER_TABLE_SIZE = 1;
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int CONNECTION_WINDOW = 65_535;

    private final RawClient socket;
    private final Lock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<Integer, Stream> streams = new HashMap<>();
    private final List<Http2FrameData> block = new ArrayList<>();
    private final ByteArrayOutputStream blockBytes = new ByteArrayOutputStream();
    private final Http2HuffmanDecoder huffman = Http2HuffmanDecoder.create();
    private Http2Headers.DynamicTable table = Http2Headers.DynamicTable.create(4096);
    private int settingsAcknowledged;
    /** The data of the PINGs that the server has acknowledged. */
    private final Set<Long> pingsAcknowledged = ConcurrentHashMap.newKeySet();
    /** The data of the last PING of {@link #ping}; tests themselves send PINGs with other data. */
    private long pingSent;
    private int goAwayCode = -1;
    /** PINGs that were not answered; {@code null} if each is, as it comes. */
    private Queue<byte[]> heldPings;
    private boolean credits = true;
    /** The stream of whose body so many bytes are read before {@link #resumeReading}. */
    private int pausedStream;
    private int pausedAt = Integer.MAX_VALUE;
    private int goAwayLastStream = -1;
    private boolean ended;
    /** What the server said when it announced that it goes; {@code null} if it has not. */
    private String goAway;
    /** What ended the connection; {@code null} if it goes on. */
    private Exception end;
    private int initialWindow = CONNECTION_WINDOW;
    private int next;

    Http2Client(RawClient socket, int next) {
        this.socket = socket;
        this.next = next;
        socket.send(PREFACE);
        send(frame(SETTINGS, 0, 0, new byte[0]));
        start();
    }

    private Http2Client(RawClient socket, int next, byte[]... behindSettings) {
        this.socket = socket;
        this.next = next;
        ByteArrayOutputStream first = new ByteArrayOutputStream();
        first.writeBytes(PREFACE);
        first.writeBytes(frame(SETTINGS, 0, 0, new byte[0]));
        for (byte[] frame : behindSettings) {
            first.writeBytes(frame);
            sends(frame);
        }
        socket.send(first.toByteArray());
        start();
    }

    private void start() {
        Thread.ofVirtual().name("http2-client").start(this::readAll);
    }

    /** Over a socket that is connected, and on which nothing was said yet. */
    public static Http2Client over(RawClient socket) {
        return new Http2Client(socket, 1);
    }

    /** As {@link #over(RawClient)}; sends the preface and frames of stream 1 in one write, before it reads anything. */
    public static Http2Client over(RawClient socket, byte[]... behindSettings) {
        return new Http2Client(socket, 3, behindSettings);
    }

    /** As {@link Http2Opening#requestUpgrade} has left it; sends the preface and the given frames in one write. */
    public static Http2Client upgraded(RawClient socket, byte[]... behindSettings) {
        return new Http2Client(socket, 3, behindSettings);
    }

    /** A GET; the id of its stream. */
    public int get(String path, String... headers) {
        int id = newStream();
        send(headers(id, "GET", path, true, headers));
        return id;
    }

    /** A POST whose body is still to come; the id of its stream. */
    public int post(String path, String... headers) {
        int id = newStream();
        send(headers(id, "POST", path, false, headers));
        return id;
    }

    /** The id for a stream whose frames are sent by hand. */
    public int newStream() {
        int id = next;
        next += 2;
        return id;
    }

    /** Sends frames in one write. */
    public Http2Client send(byte[]... frames) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] frame : frames) {
            all.writeBytes(frame);
        }
        lock.lock();
        try {
            for (byte[] frame : frames) {
                sends(frame);
            }
            socket.send(all.toByteArray());
        } finally {
            lock.unlock();
        }
        return this;
    }

    /** The frame that begins a request; header names and values alternate. */
    public static byte[] headers(int id, String method, String path, boolean end, String... headers) {
        HeaderBlock block = HeaderBlock.request(method, path);
        for (int i = 0; i < headers.length; i += 2) {
            block.field(headers[i], headers[i + 1]);
        }
        return headers(id, block, end);
    }

    /** A header block in one frame. */
    public static byte[] headers(int id, HeaderBlock block, boolean end) {
        return frame(HEADERS, END_HEADERS | (end ? END_STREAM : 0), id, block.bytes());
    }

    /** A header block in a HEADERS and two CONTINUATION frames. */
    public static byte[] splitHeaders(int id, HeaderBlock block, boolean end) {
        byte[] bytes = block.bytes();
        int cut = bytes.length / 3;
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(frame(HEADERS, end ? END_STREAM : 0, id, Arrays.copyOf(bytes, cut)));
        all.writeBytes(frame(CONTINUATION, 0, id, Arrays.copyOfRange(bytes, cut, 2 * cut)));
        all.writeBytes(frame(CONTINUATION, END_HEADERS, id, Arrays.copyOfRange(bytes, 2 * cut, bytes.length)));
        return all.toByteArray();
    }

    /** A HEADERS frame whose block goes on. */
    public static byte[] headersToContinue(int id, HeaderBlock block, boolean end) {
        return frame(HEADERS, end ? END_STREAM : 0, id, block.bytes());
    }

    /** A CONTINUATION frame. */
    public static byte[] continuation(int id, HeaderBlock block, boolean last) {
        return frame(CONTINUATION, last ? END_HEADERS : 0, id, block.bytes());
    }

    /** A stream's place among the others, which nobody looks at. */
    public static byte[] priority(int id) {
        return frame(PRIORITY, 0, id, new byte[] {0, 0, 0, 0, 1});
    }

    /** Settings; identifiers and values alternate. */
    public static byte[] settings(int... settings) {
        ByteBuffer payload = ByteBuffer.allocate(settings.length * 3);
        for (int i = 0; i < settings.length; i += 2) {
            payload.putShort((short) settings[i]).putInt(settings[i + 1]);
        }
        return frame(SETTINGS, 0, 0, payload.array());
    }

    /** Limits the table of header fields that the server may refer to, and waits until it knows. */
    public void limitHeaderTable(int bytes) {
        int before = settingsAcknowledged();
        send(settings(HEADER_TABLE_SIZE, bytes));
        await(0, it -> settingsAcknowledged > before, "acknowledged settings");
        lock.lock();
        try {
            table = Http2Headers.DynamicTable.create(bytes);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the server has acknowledged so many SETTINGS frames, the first one of the client among them. */
    public void awaitSettingsAcknowledged(int frames) {
        await(0, it -> settingsAcknowledged >= frames, "acknowledged settings");
    }

    /** Sends a PING and waits for its acknowledgement, which comes when the server has read all that was sent before. */
    public void ping() {
        long sent = ++pingSent;
        send(frame(PING, 0, 0, ByteBuffer.allocate(8).putLong(sent).array()));
        await(0, it -> pingsAcknowledged.contains(sent) || ended, "acknowledged PING");
        if (!pingsAcknowledged.contains(sent)) {
            throw new AssertionError("PING was not acknowledged" + why());
        }
    }

    /** A part of a body. */
    public static byte[] data(int id, byte[] bytes, boolean end) {
        return frame(DATA, end ? END_STREAM : 0, id, bytes);
    }

    /** A part of a body, with padding behind it (RFC 9113, 6.1). */
    public static byte[] paddedData(int id, byte[] bytes, int padding, boolean end) {
        byte[] payload = ByteBuffer.allocate(1 + bytes.length + padding).put((byte) padding).put(bytes).array();
        return frame(DATA, PADDED | (end ? END_STREAM : 0), id, payload);
    }

    /** The end of one stream. */
    public static byte[] reset(int id) {
        return frame(RST_STREAM, 0, id, number(CANCEL));
    }

    /** The announcement that the client goes. */
    public static byte[] goAway() {
        return frame(GOAWAY, 0, 0, ByteBuffer.allocate(8).array());
    }

    /** Allows the server to send so many bytes more. */
    public static byte[] windowUpdate(int id, int increment) {
        return frame(WINDOW_UPDATE, 0, id, number(increment));
    }

    /** Waits for a whole answer. */
    public Answer answer(int id) {
        Stream stream = await(id, it -> it.ended || it.resetCode >= 0 || ended, "answer");
        if (!stream.ended) {
            throw new AssertionError("Stream " + id + " has no whole answer, but " + stream + why());
        }
        return stream.answer();
    }

    /** Waits for a whole answer, or for what has come of it when the server resets the stream. */
    public Answer answerOrReset(int id) {
        Stream stream = await(id, it -> it.ended || it.resetCode >= 0 || ended, "answer");
        if (!stream.ended && stream.resetCode < 0) {
            throw new AssertionError("The connection's end cut off stream " + id + ": " + stream);
        }
        return stream.answer();
    }

    /** Waits for an answer to begin. */
    public Answer begin(int id) {
        return await(id, it -> !it.headers.isEmpty(), "begin").answer();
    }

    /** Waits until so many bytes of an answer have come. */
    public void awaitBytes(int id, int bytes) {
        await(id, it -> it.body.size() >= bytes, bytes + " bytes");
    }

    /** Waits for an answer's first data; how much came in one frame. */
    public int awaitFirstData(int id) {
        return await(id, it -> it.firstData >= 0, "data").firstData;
    }

    /** Waits until the server allows so many bytes to be sent on a stream. */
    public void awaitCredit(int id, int bytes) {
        await(id, it -> credit(id) >= bytes, "credit");
    }

    /** The number of bytes that the server now allows to be sent on a stream. */
    public int credit(int id) {
        lock.lock();
        try {
            return Math.min(initialWindow + stream(id).window, CONNECTION_WINDOW + stream(0).window);
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the server to reset a stream; the error code. */
    public int awaitReset(int id) {
        return await(id, it -> it.resetCode >= 0, "reset").resetCode;
    }

    /** Answers no PING until {@link #answerPing}. */
    public Http2Client holdPings() {
        lock.lock();
        try {
            heldPings = new ArrayDeque<>();
            return this;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until so many PINGs are held. */
    public void awaitPings(int number) {
        await(0, it -> heldPings.size() >= number, number + " PINGs");
    }

    /** Waits for a PING that was held, and answers it. */
    public void answerPing() {
        await(0, it -> !heldPings.isEmpty(), "PING");
        lock.lock();
        try {
            socket.send(frame(PING, ACK, 0, heldPings.remove()));
        } finally {
            lock.unlock();
        }
    }

    /** Reads nothing more from the socket once so many bytes of a body have come, until {@link #resumeReading}. */
    public Http2Client pauseReadingAt(int id, int bytes) {
        lock.lock();
        try {
            pausedStream = id;
            pausedAt = bytes;
            return this;
        } finally {
            lock.unlock();
        }
    }

    /** Reads on from the socket. */
    public void resumeReading() {
        lock.lock();
        try {
            pausedAt = Integer.MAX_VALUE;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Allows the server to send no more than it may at first. */
    public Http2Client withoutCredit() {
        lock.lock();
        try {
            credits = false;
            return this;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the server to say that something was wrong, with a stream or the connection; the error code. */
    public int awaitResetOrGoAway(int id) {
        int code = await(id, it -> it.resetCode >= 0 || goAway != null, "reset or GOAWAY").resetCode;
        return code >= 0 ? code : goAwayCode;
    }

    /** Whether the server has reset a stream. */
    public boolean wasReset(int id) {
        return await(id, it -> true, "").resetCode >= 0;
    }

    /** What has come of an answer. */
    public Answer soFar(int id) {
        return await(id, it -> true, "").answer();
    }

    /** Whether an answer has come to its end. */
    public boolean hasEnded(int id) {
        return await(id, it -> true, "").ended;
    }

    /** The last header block of an answer, as it was encoded. */
    public byte[] headerBlock(int id) {
        return await(id, it -> it.block.length > 0, "header block").block;
    }

    /** Waits for the server's announcement that it goes; the error code. */
    public int awaitGoAway() {
        await(0, it -> goAway != null, "GOAWAY");
        return goAwayCode;
    }

    /** The newest stream that the server may have processed, as it said when it last announced that it goes. */
    public int goAwayLastStream() {
        lock.lock();
        try {
            return goAwayLastStream;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the server has closed the connection. */
    public void awaitEnd() {
        await(0, it -> ended, "the end");
    }

    /** The socket below. */
    public RawClient socket() {
        return socket;
    }

    @Override
    public void close() {
        socket.close();
    }

    private int settingsAcknowledged() {
        await(0, it -> settingsAcknowledged > 0, "acknowledged settings");
        return settingsAcknowledged;
    }

    private String why() {
        return (goAway == null ? "" : ", GOAWAY " + goAway) + (ended ? ", ended by " + end : "");
    }

    private void sends(byte[] frame) {
        if (frame[3] == DATA) {
            stream(0).window -= frame.length - 9;
            stream(ByteBuffer.wrap(frame).getInt(5)).window -= frame.length - 9;
        }
    }

    private Stream stream(int id) {
        return streams.computeIfAbsent(id, it -> new Stream());
    }

    private Stream await(int id, Predicate<Stream> until, String what) {
        lock.lock();
        try {
            Stream stream = stream(id);
            long left = Await.TIME.toNanos();
            while (!until.test(stream)) {
                if (left <= 0) {
                    throw new AssertionError("Waited in vain for " + what + " of stream " + id + "; there was " + streams
                                                     + why());
                }
                left = changed.awaitNanos(left);
            }
            return stream;
        } catch (InterruptedException e) {
            throw new AssertionError("Interrupted while waiting for " + what, e);
        } finally {
            lock.unlock();
        }
    }

    /**
     * For the thread that reads: a server that takes nothing any more may have sent something before, which is still to be read.
     */
    private void respond(byte[]... frames) {
        try {
            send(frames);
        } catch (UncheckedIOException e) {
            // what follows says why
        }
    }

    private void readAll() {
        try {
            InputStream input = socket.socket().getInputStream();
            while (true) {
                byte[] header = exactly(input, 9);
                ByteBuffer fields = ByteBuffer.wrap(header);
                int length = fields.getInt() >>> 8;
                byte[] payload = exactly(input, length);
                took(header[3], header[4], fields.getInt(5) & Integer.MAX_VALUE, header, payload);
            }
        } catch (IOException | RuntimeException e) {
            lock.lock();
            try {
                ended = true;
                end = e;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private void took(int type, int flags, int id, byte[] header, byte[] payload) {
        boolean credit;
        lock.lock();
        try {
            Stream stream = stream(id);
            switch (type) {
            case HEADERS, CONTINUATION -> {
                blockBytes.writeBytes(payload);
                block.add(new Http2FrameData(Http2FrameHeader.create(BufferData.create(header)), BufferData.create(payload)));
                if ((flags & END_HEADERS) != 0) {
                    stream.block = blockBytes.toByteArray();
                    blockBytes.reset();
                    stream.headers(Http2Headers.create(null, table, huffman, block.toArray(new Http2FrameData[0])));
                    block.clear();
                }
            }
            case DATA -> stream.data(payload);
            case RST_STREAM -> stream.resetCode = ByteBuffer.wrap(payload).getInt();
            case GOAWAY -> {
                goAwayLastStream = ByteBuffer.wrap(payload).getInt();
                goAwayCode = ByteBuffer.wrap(payload).getInt(4);
                goAway = goAwayCode + " " + new String(payload, 8, payload.length - 8, StandardCharsets.ISO_8859_1);
            }
            case PING -> {
                if ((flags & ACK) != 0) {
                    pingsAcknowledged.add(ByteBuffer.wrap(payload).getLong());
                } else if (heldPings != null) {
                    heldPings.add(payload);
                } else {
                    respond(frame(PING, ACK, 0, payload));
                }
            }
            case WINDOW_UPDATE -> stream.window += ByteBuffer.wrap(payload).getInt();
            case SETTINGS -> {
                if ((flags & ACK) == 0) {
                    took(ByteBuffer.wrap(payload));
                    respond(frame(SETTINGS, ACK, 0, new byte[0]));
                } else {
                    settingsAcknowledged++;
                }
            }
            default -> {
            }
            }
            credit = credits && type == DATA && payload.length > 0;
            stream.ending |= (type == HEADERS || type == DATA) && (flags & END_STREAM) != 0;
            stream.ended |= stream.ending && block.isEmpty();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (credit) {
            respond(windowUpdate(0, payload.length), windowUpdate(id, payload.length));
        }
        awaitResumed();
    }

    private void awaitResumed() {
        lock.lock();
        try {
            while (stream(pausedStream).body.size() >= pausedAt) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private void took(ByteBuffer settings) {
        while (settings.hasRemaining()) {
            if (settings.getShort() == INITIAL_WINDOW_SIZE) {
                initialWindow = settings.getInt();
            } else {
                settings.getInt();
            }
        }
    }

    private static byte[] exactly(InputStream input, int length) throws IOException {
        byte[] bytes = input.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException();
        }
        return bytes;
    }

    /** Any frame. */
    public static byte[] frame(int type, int flags, int id, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(id)
                .put(payload)
                .array();
    }

    private static byte[] number(int number) {
        return ByteBuffer.allocate(4).putInt(number).array();
    }

    /**
     * What has come of an answer.
     *
     * @param status  its status, the last one if there were several
     * @param headers by name, trailers among them
     * @param body    its bytes
     */
    public record Answer(int status, Map<String, String> headers, byte[] body) {
        /** The body as text. */
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    private static final class Stream {
        private final Map<String, String> headers = new TreeMap<>();
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private byte[] block = {};
        private int resetCode = -1;
        private int firstData = -1;
        /** What may be sent, over or under the initial window. */
        private int window;
        /** A frame has come that is said to be the last; its header block may go on. */
        private boolean ending;
        private boolean ended;

        private void headers(Http2Headers block) {
            headers.put(":status", block.status() == null ? headers.get(":status") : block.status().codeText());
            block.httpHeaders().forEach(it -> headers.put(it.headerName().lowerCase(), it.get()));
        }

        private void data(byte[] bytes) {
            body.writeBytes(bytes);
            firstData = firstData < 0 ? bytes.length : firstData;
        }

        private Answer answer() {
            return new Answer(Integer.parseInt(headers.getOrDefault(":status", "0")), new TreeMap<>(headers),
                              body.toByteArray());
        }

        @Override
        public String toString() {
            return headers + " " + body.size() + " bytes" + (ended ? ", ended" : "")
                    + (resetCode < 0 ? "" : ", reset " + resetCode);
        }
    }
}
