package dev.hangup.internal.server;

import java.io.FileInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.hangup.Hangup;
import dev.hangup.cluster.ClusterConfig;
import dev.hangup.cluster.ClusterKeys;
import dev.hangup.cluster.ClusterStatus;
import dev.hangup.internal.connection.Usage;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.testing.Await;
import dev.hangup.testing.BrokenLog;
import dev.hangup.testing.ChildJvm;
import dev.hangup.testing.FreePorts;
import dev.hangup.testing.Logged;
import dev.hangup.testing.PlainServer;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.ScarceJvm;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.common.resumable.Resumable;
import io.helidon.common.socket.SocketOptions;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.observe.ObserveFeature;
import io.helidon.webserver.observe.health.HealthObserver;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Listeners that end because they cannot accept a connection, and those that are stopped. */
class ListenerWatchTest {
    private static final String LOST = "Socket lost has ended by itself and accepts no more connections";

    @Test
    void listenerThatHasEndedByItselfIsLoggedAndMakesTheServerNotReady() {
        try (TestServer observed = TestServer.start(
                server -> server.addFeature(ObserveFeature.just(HealthObserver.create(it -> it.details(true)))), hangup -> { },
                routing -> { });
                RawClient probe = observed.connect(); Logged log = Logged.by("dev.hangup");
                TestServer server = TestServer.start(config -> config.putSocket("lost", socket -> { }), hangup -> { },
                                                     routing -> { })) {
            assertEquals(200, probe.get("/observe/health/ready").read().status());
            end("lost");
            log.trail().awaitAny(it -> it.startsWith(LOST), LOST);
            RawClient.Response ready = probe.get("/observe/health/ready").read();
            assertEquals(503, ready.status());
            assertTrue(ready.text().contains("Socket lost accepts no more connections"), ready.text());
            assertEquals(200, probe.get("/observe/health/live").read().status());
            assertTrue(server.server().isRunning());
        }
    }

    /** Its routing includes that of the first one, too: Helidon does not copy the builder. */
    @Test
    void stopOfAServerDoesNotConcernAnotherOneWithTheSameRoutingBuilder() {
        HttpRouting.Builder shared = HttpRouting.builder();
        try (Logged log = Logged.by("dev.hangup");
                TestServer first = TestServer.start(config -> config.putSocket("lost", socket -> socket.routing(shared)),
                                                    hangup -> { }, routing -> { })) {
            TestServer.start(config -> config.routing(shared), hangup -> { }, routing -> { }).close();
            assertEquals(Optional.empty(), Readiness.reason());
            end("lost");
            log.trail().awaitAny(it -> it.startsWith(LOST), LOST);
            assertTrue(first.server().isRunning());
        }
    }

    /** Helidon does not notify anyone that the lost one has stopped, so the other one is the last. */
    @Test
    void stopWaitsForOutcomeListenersAlthoughAListenerIsLost() {
        LinkedBlockingQueue<Outcome> notified = new LinkedBlockingQueue<>();
        OutcomeListener slow = end -> {
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            notified.add(end.outcome());
        };
        try (Logged log = Logged.by("dev.hangup");
                TestServer server = TestServer.start(config -> config.putSocket("lost", socket -> { }),
                                                     hangup -> hangup.addListener(slow), routing -> routing
                        .get("/work", Hangup.cancellable(request -> "done")))) {
            end("lost");
            log.trail().awaitAny(it -> it.startsWith(LOST), LOST);
            try (RawClient client = server.connect()) {
                assertEquals("done", client.get("/work").read().text());
            }
            server.nextEnd();
            server.close();
            assertEquals(List.of(Outcome.COMPLETED), List.copyOf(notified));
        }
    }

    /** The lost socket is the only one, or the others have stopped before the loss is noticed. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void serverLeavesItsClusterAlthoughNobodyIsNotifiedOfItsLastStop(boolean only) throws Exception {
        List<Integer> ports = FreePorts.of(2);
        int port = ports.getFirst();
        int httpPort = ports.getLast();
        ClusterConfig cluster = ClusterConfig.builder().port(port).httpPort(httpPort).tls(ClusterKeys.generate().tls()).build();
        try (Logged log = Logged.by("dev.hangup"); TestServer server = lostSocketOf(cluster, only)) {
            awaitJoined(server);
            end("lost");
            if (only) {
                log.trail().awaitAny(it -> it.startsWith(LOST), LOST);
            }
            server.close();
            Await.until("its ports are free", () -> isFree(port) && isFree(httpPort));
        }
        try (TestServer replacement = lostSocketOf(cluster, only)) {
            awaitJoined(replacement);
        }
    }

    /** Its other socket serves on. */
    @Test
    void serverThatLosesAListenerWithAClientStaysInItsCluster() throws Exception {
        List<Integer> ports = FreePorts.of(2);
        ClusterConfig cluster = ClusterConfig.builder().port(ports.getFirst()).httpPort(ports.getLast())
                .tls(ClusterKeys.generate().tls()).build();
        try (Logged log = Logged.by("dev.hangup"); TestServer server = lostSocketOf(cluster, false);
                RawClient client = RawClient.connect(server.server().port("lost"))) {
            awaitJoined(server);
            assertEquals(404, client.get("/").read().status());
            end("lost");
            client.readToEnd();
            log.trail().awaitAny(it -> it.startsWith(LOST), LOST);
            assertEquals(1, server.hangup().cluster().orElseThrow().members().size());
        }
    }

    /** As an owner, the member could not be reached any more; it relays to the others, and its own clients notice nothing. */
    @Test
    void memberWhoseInternalListenerHasEndedByItselfLeavesItsCluster() throws Exception {
        ClusterKeys keys = ClusterKeys.generate();
        List<Integer> ports = FreePorts.of(2);
        try (Logged log = Logged.by("dev.hangup"); TestServer other = memberOf(keys, ports.getFirst(), ports)) {
            awaitJoined(other);
            List<Thread> before = allAccepting(WebServer.DEFAULT_SOCKET_NAME);
            try (TestServer server = memberOf(keys, ports.getLast(), ports); RawClient probe = server.connect()) {
                Await.untilBegun("they see each other", () -> members(server) == 2 && members(other) == 2);
                endInternal(before);
                log.trail().awaitAny(it -> it.startsWith("The listener at the cluster's http-port has ended by itself"),
                                     "the line");
                Await.until("it has left", () -> members(server) == 1 && members(other) == 1);
                ClusterStatus status = server.hangup().cluster().orElseThrow();
                assertEquals(Optional.of("has left, since its listener at http-port has ended"), status.problem());
                assertEquals(204, probe.get("/observe/health/ready").read().status());
            }
        }
    }

    /** @param before the listeners of other members */
    private static void endInternal(List<Thread> before) {
        // it starts after that of the public socket, which has the same name
        allAccepting(WebServer.DEFAULT_SOCKET_NAME).stream().filter(it -> !before.contains(it))
                .max(Comparator.comparingLong(Thread::threadId)).orElseThrow().interrupt();
    }

    private static TestServer memberOf(ClusterKeys keys, int port, List<Integer> ports) {
        ClusterConfig cluster = ClusterConfig.builder().port(port).httpPort(0).goneAfter(Duration.ofSeconds(20)).tls(keys.tls())
                .members(ports.stream().map(it -> "127.0.0.1:" + it).toList()).build();
        return TestServer.start(server -> server.addFeature(ObserveFeature.just(HealthObserver.create())),
                                hangup -> hangup.cluster(cluster), routing -> { });
    }

    private static int members(TestServer server) {
        return server.hangup().cluster().orElseThrow().members().size();
    }

    private static TestServer lostSocketOf(ClusterConfig cluster, boolean only) {
        return TestServer.start(config -> config.putSocket("lost", socket -> { }), hangup -> hangup.cluster(cluster)
                .sockets(only ? Set.of("lost") : Set.of()), routing -> { });
    }

    private static void awaitJoined(TestServer server) {
        Await.untilBegun("it has joined", () -> server.hangup().cluster().orElseThrow().members().size() == 1);
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void listenerThatIsStoppedHasNotEndedByItself() {
        Trail lost = new Trail();
        ListenerWatch watch = watch(lost);
        Trail work = new Trail();
        try (Logged log = Logged.by("dev.hangup")) {
            PlainServer server = PlainServer.builder()
                    .server(it -> it.shutdownGracePeriod(Duration.ofMinutes(1)).putSocket("lost", socket -> socket
                            .routing(HttpRouting.builder().get("/", (request, response) -> work.ignoreInterruptsUntil("release")))))
                    .start(routing -> { });
            Thread listener = awaitAccepting("lost");
            watch.started("lost");
            watch.look();
            try (RawClient client = RawClient.connect(server.server().port("lost")).get("/")) {
                work.await("started");
                Thread stop = Thread.ofPlatform().start(server::close);
                // its stop waits for the request
                Await.until("the listener ends", () -> {
                    watch.look();
                    return !listener.isAlive();
                });
                assertTrue(stop.isAlive());
                watch.look();
                work.add("release");
                Await.until("the server has stopped", () -> {
                    watch.look();
                    return !stop.isAlive();
                });
            }
            watch.stopped("lost");
            Await.until("nobody reports a loss", () -> Usage.threads("hangup-listener-ended") == 0);
            assertEquals(List.of(), lost.events());
            assertEquals(List.of(), log.trail().events());
        }
    }

    @Test
    void listenerOfTheSameNameThatWasThereBeforeIsNotTakenForTheServers() {
        try (Logged log = Logged.by("dev.hangup"); PlainServer plain = withSocketLost()) {
            Thread before = awaitAccepting("lost");
            try (TestServer server = TestServer.start(config -> config.putSocket("lost", socket -> { }), hangup -> { },
                                                      routing -> { })) {
                Await.until("both accept", () -> allAccepting("lost").size() == 2);
                Thread own = allAccepting("lost").stream().filter(it -> it != before).findFirst().orElseThrow();
                own.interrupt();
                log.trail().awaitAny(it -> it.startsWith(LOST), LOST);
                assertTrue(before.isAlive());
            }
        }
    }

    /** The listeners of both servers run before either watch looks for its own. */
    @Test
    void serversThatStartAtTheSameTimeWatchTheirOwnListeners() {
        Trail lost = new Trail();
        Trail lostByOther = new Trail();
        ListenerWatch watch = watch(lost);
        try (PlainServer server = withSocketLost()) {
            Thread own = awaitAccepting("lost");
            ListenerWatch other = watch(lostByOther);
            try (PlainServer otherServer = withSocketLost()) {
                Await.until("both accept", () -> allAccepting("lost").size() == 2);
                other.started("lost");
                watch.started("lost");
                own.interrupt();
                Await.untilBlocked(own);
                other.look();
                watch.look();
                lost.await("lost");
                other.stopped("lost");
                assertEquals(List.of(), lostByOther.events());
            }
        }
    }

    @Test
    void listenerOfAnotherServerIsNotWatchedInsteadOfOneThatIsStopped() {
        Trail lost = new Trail();
        ListenerWatch watch = watch(lost);
        PlainServer server = withSocketLost();
        awaitAccepting("lost");
        watch.started("lost");
        server.close();
        try (PlainServer other = withSocketLost()) {
            watch.look();
            end("lost");
            watch.look();
            Await.until("nobody reports a loss", () -> Usage.threads("hangup-listener-ended") == 0);
            assertEquals(List.of(), lost.events());
        } finally {
            watch.stopped("lost");
        }
    }

    @Test
    void listenerIsWatchedAgainAfterARestore() {
        Trail lost = new Trail();
        ListenerWatch watch = watch(lost);
        try (PlainServer server = withSocketLost()) {
            Thread before = awaitAccepting("lost");
            watch.started("lost");
            Resumable resumable = (Resumable) server.server();
            resumable.suspend();
            Await.until("the listener has ended", () -> !before.isAlive());
            watch.restored();
            watch.look();
            resumable.resume();
            awaitAccepting("lost");
            watch.look();
            end("lost");
            watch.look();
            lost.await("lost");
        }
    }

    private static ListenerWatch watch(Trail lost) {
        return new ListenerWatch(socket -> {
            lost.add(socket);
            return () -> { };
        }, socket -> "Socket " + socket, false);
    }

    private static PlainServer withSocketLost() {
        return PlainServer.builder().server(it -> it.putSocket("lost", socket -> { })).start(routing -> { });
    }

    /** With clients that say nothing first: the process is out of files before any connection is known. */
    @Test
    void processThatIsOutOfFilesSaysSoAndEnds() throws Exception {
        try (ScarceJvm jvm = ScarceJvm.start(ListenerWatchTest.class)) {
            int port = jvm.number(Pattern.compile("^port (\\d+)$"));
            assertTrue(jvm.output().events().contains("virtual threads wait for sockets"), jvm.output().events().toString());
            int recommended = jvm.number(Pattern.compile("all of the 400 file.* server\\.max-tcp-connections: (\\d+),"));
            assertTrue(recommended > 50 && recommended < 200, "It recommends " + recommended);
            jvm.flood(port, "/work");
            jvm.output().awaitAny(it -> it.contains("Socket @default has ended by itself"), "the line");
            assertEquals(ListenerWatch.EXIT_CODE, jvm.exitCode());
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {WithBrokenLog.class, WithoutInternalListener.class})
    void processWhoseLogFailsOrThatLosesItsInternalListenerEndsToo(Class<?> main) throws Exception {
        Process process = ChildJvm.running(main, List.of()).inheritIO().start();
        try {
            assertTrue(process.waitFor(Await.TIME.toMillis(), TimeUnit.MILLISECONDS), "It goes on");
            assertEquals(ListenerWatch.EXIT_CODE, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
    }

    /** Its server socket stays open, and clients wait in the backlog. */
    @Test
    void processWhoseListenerHasDiedEndsToo() throws Exception {
        Process process = ChildJvm.running(WithDeadListener.class, List.of()).inheritIO().start();
        try {
            assertTrue(process.waitFor(Await.TIME.toMillis(), TimeUnit.MILLISECONDS), "It goes on");
            assertEquals(ListenerWatch.EXIT_CODE, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
    }

    /** As a failing accept() does: Helidon ends a listener by any exception. */
    static Thread end(String socket) {
        Thread thread = awaitAccepting(socket);
        thread.interrupt();
        Await.untilBlocked(thread);
        return thread;
    }

    private static Thread awaitAccepting(String socket) {
        Await.until("the listener accepts", () -> !allAccepting(socket).isEmpty());
        return allAccepting(socket).getFirst();
    }

    private static List<Thread> allAccepting(String socket) {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(it -> it.getKey().getName().equals("server-" + socket + "-listener"))
                .filter(it -> Stream.of(it.getValue()).anyMatch(frame -> frame.getMethodName().equals("accept")))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** In the other JVM. */
    public static void main(String[] arguments) throws Exception {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            WebServer server = WebServer.builder()
                    .host("localhost")
                    .featuresDiscoverServices(false)
                    .addFeature(Hangup.builder().exitWithoutListener(true).build())
                    .routing(routing -> routing.get("/work", Hangup.cancellable(request -> {
                        Thread.sleep(60_000);
                        return "never";
                    })))
                    .build()
                    .start();
            List<FileInputStream> all = openAll();
            Thread.ofVirtual().start(() -> waitFor(socket)).join();
            for (FileInputStream each : all) {
                each.close();
            }
            System.out.println("port " + server.port());
        }
    }

    private static List<FileInputStream> openAll() {
        List<FileInputStream> all = new ArrayList<>();
        try {
            while (true) {
                all.add(new FileInputStream("/dev/null"));
            }
        } catch (IOException e) {
            return all;
        }
    }

    private static void waitFor(DatagramSocket socket) {
        try {
            socket.setSoTimeout(1);
            socket.receive(new DatagramPacket(new byte[1], 1));
        } catch (SocketTimeoutException e) {
            System.out.println("virtual threads wait for sockets");
        } catch (IOException | LinkageError e) {
            System.out.println("virtual threads cannot wait for sockets: " + e);
        }
    }

    /** In the other JVM: a server that loses its listener, and cannot log that. */
    private static final class WithBrokenLog {
        public static void main(String[] arguments) {
            TestServer.start(hangup -> hangup.exitWithoutListener(true), routing -> { });
            new BrokenLog("dev.hangup");
            end(WebServer.DEFAULT_SOCKET_NAME);
        }
    }

    /** In the other JVM: a server whose listener dies at its first client, since it can log neither a failed option nor its end. */
    private static final class WithDeadListener {
        public static void main(String[] arguments) throws Exception {
            WebServer server = WebServer.builder()
                    .host("localhost")
                    .featuresDiscoverServices(false)
                    .shutdownGracePeriod(Duration.ZERO)
                    .connectionOptions(it -> it.socketReceiveBufferSize(-1))
                    .addFeature(Hangup.builder().exitWithoutListener(true).build())
                    .build()
                    .start();
            Thread listener = awaitAccepting(WebServer.DEFAULT_SOCKET_NAME);
            Logger options = Logger.getLogger(SocketOptions.class.getName());
            options.setLevel(Level.ALL);
            try (BrokenLog first = new BrokenLog(SocketOptions.class);
                    BrokenLog second = new BrokenLog("io.helidon.webserver.ServerListener");
                    RawClient client = RawClient.connect(server.port())) {
                listener.join();
                Thread.currentThread().join();
            }
        }
    }

    /** In the other JVM: a member of a cluster that loses its internal listener. */
    private static final class WithoutInternalListener {
        public static void main(String[] arguments) throws Exception {
            ClusterConfig cluster = ClusterConfig.builder().port(FreePorts.one()).httpPort(0)
                    .tls(ClusterKeys.generate().tls()).build();
            awaitJoined(TestServer.start(hangup -> hangup.exitWithoutListener(true).cluster(cluster), routing -> { }));
            endInternal(List.of());
        }
    }
}
