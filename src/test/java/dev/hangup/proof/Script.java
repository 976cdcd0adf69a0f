package dev.hangup.proof;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * All that one connection is to be: its requests, how they are cut into segments, and how its client leaves.
 *
 * @param seed     makes the same script again, but for the ids
 * @param requests in the order of their sending
 * @param segments one write of the client's each
 * @param lockstep whether each request waits for the answer of the one before
 * @param leaving  when and how
 */
record Script(long seed, List<Exchange> requests, List<Segment> segments, boolean lockstep, Leaving leaving) {

    /**
     * Bytes that are written at once.
     *
     * @param request the index of the request that they begin in
     * @param bytes   the bytes
     * @param pause   in microseconds, after it
     */
    record Segment(int request, byte[] bytes, int pause) {
    }

    /**
     * How a client leaves.
     *
     * @param when  what it waits for
     * @param which the segment, the request or the number of bytes that it waits for
     * @param pause in microseconds, after that
     * @param how   how it leaves
     */
    record Leaving(When when, int which, int pause, How how) {
        enum When { ANSWERED, SENT, BEGUN, READ }

        enum How { LEAVE, VANISH, RESET, HALF_CLOSE }
    }

    boolean staysToTheEnd() {
        return leaving.when() == Leaving.When.ANSWERED;
    }

    static Script random(long seed, long firstId) {
        Random random = new Random(seed);
        int count = 1 + random.nextInt(random.nextBoolean() ? 3 : 12);
        int endless = random.nextInt(3) == 0 ? random.nextInt(count) : -1;
        boolean deadlines = random.nextInt(4) == 0;
        boolean malformed = random.nextInt(20) == 0;
        // of which there may be no answer to wait for
        int unanswered = malformed && endless < 0 ? count - 1 : endless;
        boolean stays = unanswered < 0 && random.nextInt(3) > 0;
        boolean stoppedByDeadline = endless >= 0 && deadlines;
        List<Exchange> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean limited = i == endless && stoppedByDeadline || deadlines && random.nextInt(3) == 0;
            int deadline = limited ? 1 + random.nextInt(20) : 0;
            requests.add(new RequestPlan(random, firstId + i).make(deadline, i == endless, malformed && i == count - 1));
        }
        boolean lockstep = random.nextInt(4) == 0;
        List<Segment> segments = segments(requests, random);
        Leaving leaving = stays || stoppedByDeadline && !malformed && random.nextBoolean()
                ? new Leaving(Leaving.When.ANSWERED, count, 0, Leaving.How.LEAVE)
                : leaving(requests, unanswered, reachable(segments, lockstep ? unanswered : -1), random);
        return new Script(seed, List.copyOf(requests), segments, lockstep, leaving);
    }

    /** How many segments are sent before a request of which there is no answer to wait for. */
    private static int reachable(List<Segment> segments, int unanswered) {
        return unanswered < 0 ? segments.size() : (int) segments.stream().filter(it -> it.request() <= unanswered).count();
    }

    private static Leaving leaving(List<Exchange> requests, int unanswered, int segments, Random random) {
        // what comes after work that goes on until its client has left cannot be waited for
        int last = unanswered < 0 ? requests.size() - 1 : unanswered;
        int pause = switch (random.nextInt(3)) {
            case 0 -> 0;
            case 1 -> random.nextInt(300);
            default -> random.nextInt(4_000);
        };
        Leaving.How how = Leaving.How.values()[random.nextInt(Leaving.How.values().length)];
        return switch (random.nextInt(3)) {
            case 0 -> new Leaving(Leaving.When.SENT, random.nextInt(1 + segments), pause, how);
            case 1 -> new Leaving(Leaving.When.BEGUN, random.nextInt(1 + last), pause, how);
            default -> new Leaving(Leaving.When.READ, random.nextInt(1 + requests.subList(0, last).stream()
                    .mapToInt(it -> 60 + it.answerLength).sum()), pause, how);
        };
    }

    private static List<Segment> segments(List<Exchange> requests, Random random) {
        boolean whole = random.nextInt(4) == 0;
        int pauses = random.nextInt(4);
        List<Segment> segments = new ArrayList<>();
        ByteArrayOutputStream pending = new ByteArrayOutputStream();
        int first = 0;
        for (int i = 0; i < requests.size(); i++) {
            byte[] bytes = requests.get(i).request();
            int most = switch (random.nextInt(4)) {
                case 0 -> 3 + bytes.length / 200;
                case 1 -> 1 + random.nextInt(100) + bytes.length / 100;
                default -> bytes.length;
            };
            boolean atLines = random.nextBoolean();
            for (int at = 0; at < bytes.length;) {
                int end = whole ? bytes.length : Math.min(bytes.length, at + 1 + random.nextInt(most));
                if (atLines && end < bytes.length && random.nextBoolean()) {
                    end = middleOfLineEnd(bytes, at, end);
                }
                first = pending.size() == 0 ? i : first;
                pending.write(bytes, at, end - at);
                at = end;
                // the rest of one request goes with the first of the next, now and then
                if (at < bytes.length || i == requests.size() - 1 || !whole && random.nextBoolean()) {
                    int pause = random.nextInt(4) < pauses ? random.nextInt(200) : 0;
                    segments.add(new Segment(first, pending.toByteArray(), pause));
                    pending.reset();
                }
            }
        }
        return List.copyOf(segments);
    }

    private static int middleOfLineEnd(byte[] bytes, int from, int otherwise) {
        for (int i = otherwise; i > from; i--) {
            if (bytes[i - 1] == '\r') {
                return i;
            }
        }
        return otherwise;
    }

    @Override
    public String toString() {
        return "seed " + seed + (lockstep ? ", lockstep, " : ", ") + segments.size() + " segments, " + leaving + requests;
    }
}
