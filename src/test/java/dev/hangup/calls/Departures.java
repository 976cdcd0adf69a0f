package dev.hangup.calls;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import dev.hangup.Hangup;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;

/** Requests each of which is in a blocking call, and whose clients leave. */
public final class Departures implements AutoCloseable {
    private final List<BlockingCall> calls;
    private final Map<BlockingCall, Thread> threads = new ConcurrentHashMap<>();
    private final TestServer server;

    /** Of clients that ask for these calls. */
    public Departures(List<BlockingCall> calls, Surroundings surroundings) {
        this.calls = calls;
        this.server = TestServer.start(hangup -> hangup.deadline(Duration.ofHours(1)), routing -> {
            for (int i = 0; i < calls.size(); i++) {
                BlockingCall call = calls.get(i);
                routing.get("/" + i, Hangup.cancellable((request, response) -> {
                    threads.put(call, Thread.currentThread());
                    call.block().in(surroundings);
                }));
            }
        });
    }

    /** Begins the calls, and ends their clients once all of them block. */
    public void leave() {
        threads.clear();
        List<RawClient> clients = calls.stream().map(call -> server.connect().get("/" + calls.indexOf(call))).toList();
        for (BlockingCall call : calls) {
            Await.untilBegun(call + " blocks", () -> blocks(call));
        }
        clients.forEach(RawClient::leave);
    }

    /** Waits for the ends of so many requests; returns how long the work took to stop. */
    public Map<BlockingCall, Duration> ends(int count) {
        Map<BlockingCall, Duration> ends = new HashMap<>();
        for (int i = 0; i < count; i++) {
            RequestEnd end = server.nextEnd();
            ends.put(calls.get(Integer.parseInt(end.route().substring(1))), end.stopping());
        }
        return ends;
    }

    /** How many requests have ended that nobody has asked for. */
    public int endsLeft() {
        return server.endsLeft();
    }

    @Override
    public void close() {
        server.close();
    }

    private boolean blocks(BlockingCall call) {
        Thread thread = threads.get(call);
        if (thread == null) {
            return false;
        }
        if (thread.getState() != Thread.State.RUNNABLE) {
            return true;
        }
        StackTraceElement[] stack = thread.getStackTrace();
        return stack.length > 0 && stack[0].isNativeMethod();
    }
}
