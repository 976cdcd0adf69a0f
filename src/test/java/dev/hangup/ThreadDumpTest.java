package dev.hangup;

import java.io.IOException;
import java.util.List;

import dev.hangup.cpu.CpuBound;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.outcome.RequestStart;
import dev.hangup.testing.Await;
import dev.hangup.testing.LiveThreads;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** What a thread dump says of the requests in flight. */
class ThreadDumpTest {
    private final Trail trail = new Trail();

    @Test
    void workIsFoundByTheNumberOfItsRequest() throws IOException {
        CpuBound cpu = CpuBound.create();
        Starts starts = new Starts();
        try (TestServer server = TestServer.start(hangup -> hangup.addListener(starts), routing -> routing
                .get("/work/{id}", Hangup.cancellable(request -> cpu.call(() -> {
                    trail.ignoreInterruptsUntil("dumped");
                    return "done";
                })))); RawClient client = server.connect()) {
            client.get("/work/7");
            trail.await("started");
            trail.await("told");
            String name = starts.id + " GET /work/{id}";
            LiveThreads.Container scope = awaitContainer("hangup", List.of("hangup-watch " + starts.id, "hangup-work " + name));
            LiveThreads.Container nested = awaitContainer("hangup-cpu " + name, List.of("hangup-cpu-1"));
            assertEquals(scope.name(), nested.parent());
            trail.add("dumped");
            assertEquals("done", client.read().text());
        }
    }

    /** A task scope as a dump shows it when it has threads of these names. */
    private static LiveThreads.Container awaitContainer(String name, List<String> threads) {
        LiveThreads.Container[] found = new LiveThreads.Container[1];
        Await.until(name + " with " + threads, () -> {
            found[0] = LiveThreads.containers()
                    .filter(it -> it.name().startsWith(name + "/jdk.") && names(it).equals(threads))
                    .findAny()
                    .orElse(null);
            return found[0] != null;
        });
        return found[0];
    }

    private static List<String> names(LiveThreads.Container container) {
        return container.threads().stream().map(Thread::getName).sorted().toList();
    }

    /** Keeps the number of the request that has begun. */
    private final class Starts implements OutcomeListener {
        private volatile long id;

        @Override
        public void started(RequestStart request) {
            id = request.id();
            trail.add("told");
        }

        @Override
        public void ended(RequestEnd end) {
        }
    }
}
