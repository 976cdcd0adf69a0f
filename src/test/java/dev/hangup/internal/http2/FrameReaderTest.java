package dev.hangup.internal.http2;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.function.Supplier;

import dev.hangup.internal.http2.FrameReader.Decision;
import dev.hangup.testing.Http2Client;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

/** Wherever the network cuts a client's frames, they are seen, passed on, left out and joined as a whole. */
class FrameReaderTest {
    private static final byte[] PREFACE = new byte[Frame.PREFACE_LENGTH];

    private final List<Frame> scanned = new ArrayList<>();
    private final List<Frame> asked = new ArrayList<>();
    private final Queue<byte[]> made = new ArrayDeque<>();
    private int ends;

    @Test
    void framesAreTheSameWhereverTheyAreCut() {
        for (int seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            List<byte[]> frames = frames(random);
            byte[] sent = join(frames);
            scanned.clear();
            asked.clear();
            FrameReader reader = reader(random, sent, Decision.PASS);
            assertArrayEquals(sent, readAll(reader), "seed " + seed);
            List<Frame> headers = frames.stream().skip(1).map(Frame::parse).toList();
            assertEquals(headers, scanned, "seed " + seed);
            assertEquals(headers, asked, "seed " + seed);
        }
    }

    @Test
    void framesThatAreNotWantedAreLeftOutWhole() {
        for (int seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            List<byte[]> frames = frames(random);
            byte[] wanted = join(frames.stream().filter(it -> it == PREFACE || it[3] != Frame.DATA).toList());
            assertArrayEquals(wanted, readAll(reader(random, join(frames), Decision.DROP)), "seed " + seed);
        }
    }

    @Test
    void framesThatAreCollectedArriveWhole() {
        for (int seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            byte[] sent = join(frames(random));
            assertArrayEquals(sent, readAll(reader(random, sent, Decision.COLLECT)), "seed " + seed);
        }
    }

    @Test
    void framesThatTheClientHasNotSentComeBetweenOthers() {
        byte[] data = Http2Client.data(1, new byte[10], false);
        FrameReader reader = reader(new Random(1), join(List.of(PREFACE, data, data)), Decision.PASS);
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        while (read.size() < Frame.PREFACE_LENGTH + 12) {
            read.writeBytes(reader.get());
        }
        made.add(Frame.ping(1));
        read.writeBytes(readAll(reader));
        assertArrayEquals(join(List.of(PREFACE, data, Frame.ping(1), data)), read.toByteArray());
    }

    /** Otherwise a client could keep the end of a stream from Helidon with a frame that it never completes. */
    @Test
    void frameThatIsNotWholeHoldsUpNoneThatTheClientHasNotSent() {
        byte[] data = Http2Client.data(1, new byte[10], false);
        Iterator<byte[]> pieces = List.of(PREFACE, Arrays.copyOf(data, 12), new byte[0], Arrays.copyOfRange(data, 12, data.length))
                .iterator();
        FrameReader reader = reader(() -> {
            byte[] piece = pieces.hasNext() ? pieces.next() : null;
            if (piece != null && piece.length == 0) {
                made.add(Frame.ping(1));
            }
            return piece;
        }, Decision.PASS);
        assertArrayEquals(join(List.of(PREFACE, Frame.ping(1), data)), readAll(reader));
    }

    private FrameReader reader(Random random, byte[] sent, Decision data) {
        int[] at = {0};
        Supplier<byte[]> scanning = new FrameParser().scanning(() -> {
            if (at[0] == sent.length) {
                return null;
            }
            int from = at[0];
            at[0] = Math.min(sent.length, from + random.nextInt(3 + random.nextInt(40)));
            return Arrays.copyOfRange(sent, from, at[0]);
        }, scanned::add, () -> { });
        return reader(scanning, data);
    }

    private FrameReader reader(Supplier<byte[]> source, Decision data) {
        return new FrameReader(source, new FrameReader.Decisions() {
            @Override
            public Decision begins(Frame frame) {
                asked.add(frame);
                return frame.type() == Frame.DATA ? data : Decision.PASS;
            }

            @Override
            public void complete(Frame frame, byte[] payload) {
                made.add(frame.with(payload));
            }

            @Override
            public void ended() {
                ends++;
            }

            @Override
            public byte[] next() {
                return made.poll();
            }
        });
    }

    private static List<byte[]> frames(Random random) {
        List<byte[]> frames = new ArrayList<>(List.of(PREFACE));
        for (int i = 0; i < 20; i++) {
            int id = 1 + 2 * random.nextInt(1 << 30);
            frames.add(switch (random.nextInt(4)) {
                case 0 -> Http2Client.reset(id);
                case 1 -> Http2Client.headers(id, "GET", "/", random.nextBoolean());
                case 2 -> Http2Client.data(id, new byte[0], true);
                default -> Http2Client.data(id, new byte[random.nextInt(50)], random.nextBoolean());
            });
        }
        return frames;
    }

    private byte[] readAll(FrameReader reader) {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        for (byte[] next = reader.get(); next != null; next = reader.get()) {
            read.writeBytes(next);
        }
        assertEquals(1, ends);
        ends = 0;
        return read.toByteArray();
    }

    private static byte[] join(List<byte[]> frames) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        frames.forEach(all::writeBytes);
        return all.toByteArray();
    }
}
