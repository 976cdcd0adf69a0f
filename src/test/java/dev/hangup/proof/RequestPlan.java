package dev.hangup.proof;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes up one request. */
final class RequestPlan {
    private final Random random;
    private final long id;
    private final List<Step> steps = new ArrayList<>();
    private Body body;
    private int unread;
    private int answerLength;
    private int unwritten;

    RequestPlan(Random random, long id) {
        this.random = random;
        this.id = id;
    }

    /**
     * @param deadline  in milliseconds; none if zero
     * @param endless   whether its work goes on until it is stopped
     * @param malformed whether its body may be one that Helidon does not take
     */
    Exchange make(int deadline, boolean endless, boolean malformed) {
        body = Body.of(framing(malformed), length(50_000), random,
                       "\r\n\r\nGET /work/" + Exchange.digits(999_999_999_999L) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        unread = body.bytes().length;
        answerLength = length(200_000);
        unwritten = answerLength;
        boolean expectsContinue = !malformed && unread > 0 && random.nextInt(8) == 0;
        if (expectsContinue) {
            // who answers first need not be sent the body, and Helidon counts on that
            read(1 + random.nextInt(unread));
        }
        before();
        if (random.nextBoolean()) {
            steps.add(new Step.Send());
        } else {
            stream();
        }
        if (random.nextInt(4) == 0) {
            before();
        }
        if (endless) {
            // a client that has its whole answer may leave, and what its work does after that is not stopped
            int end = deadline > 0 || !steps.contains(new Step.Send()) ? steps.size() : steps.indexOf(new Step.Send());
            steps.add(random.nextInt(1 + end), new Step.GoOn(random.nextInt(4) == 0));
        }
        return new Exchange(id, body, List.copyOf(steps), answerLength, deadline, expectsContinue && !steps.isEmpty());
    }

    private Body.Framing framing(boolean malformed) {
        return malformed ? Body.Framing.EXTENDED : Body.Framing.values()[random.nextInt(Body.Framing.EXTENDED.ordinal())];
    }

    /** Most are short, some are empty, few are long. */
    private int length(int most) {
        return switch (random.nextInt(20)) {
            case 0, 1 -> 0;
            case 2 -> random.nextInt(most);
            case 3, 4, 5, 6 -> random.nextInt(5_000);
            default -> random.nextInt(100);
        };
    }

    private void before() {
        work();
        switch (random.nextInt(3)) {
        case 0 -> read(unread);
        case 1 -> read(unread == 0 ? 0 : random.nextInt(unread));
        default -> { }
        }
        work();
    }

    private void stream() {
        int pieces = 1 + random.nextInt(5);
        for (int i = 0; i < pieces; i++) {
            int length = i == pieces - 1 ? unwritten : random.nextInt(1 + unwritten);
            steps.add(new Step.Write(length, random.nextInt(3) == 0));
            unwritten -= length;
            if (random.nextInt(4) == 0) {
                before();
            }
        }
    }

    private void read(int bytes) {
        if (body.framing() != Body.Framing.NONE) {
            steps.add(new Step.Read(bytes));
            unread -= bytes;
        }
    }

    private void work() {
        switch (random.nextInt(12)) {
        case 0 -> steps.add(new Step.Wait(random.nextInt(3_000)));
        case 1 -> steps.add(new Step.Compute(random.nextInt(500)));
        case 2 -> steps.add(new Step.Wait(random.nextInt(100)));
        default -> { }
        }
    }
}
