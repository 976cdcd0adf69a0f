package dev.hangup.bench;

import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

import com.sun.management.UnixOperatingSystemMXBean;

import dev.hangup.Hangup;
import dev.hangup.internal.connection.Usage;
import dev.hangup.testing.Await;
import dev.hangup.testing.Transport;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;

/** The server of the {@link Soak}: one that listens in clear text, one under TLS. Tells what it uses when it is asked. */
final class SoakServer {
    private static final int PERMITS = 1_000;
    /** Nothing but its client's leaving ends work that is allowed that. */
    private static final Duration LONG = Duration.ofDays(1);
    private static final Logger ROOT = Logger.getLogger("");

    private SoakServer() {
    }

    /**
     * Runs it. It says on which ports it listens, and after each line that it reads, what it uses, as {@link SoakUsage}
     * reads it; and it ends with its input.
     */
    public static void main(String[] args) {
        ROOT.setLevel(Level.OFF);
        Semaphore permits = new Semaphore(PERMITS);
        List<WebServer> servers = List.of(start(Transport.CLEAR, permits), start(Transport.TLS_1_3, permits));
        servers.forEach(it -> System.out.println(it.port()));
        UnixOperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class);
        Scanner input = new Scanner(System.in);
        while (input.hasNextLine()) {
            input.nextLine();
            long connections = Usage.connectionThreads();
            Usage usage = Usage.now();
            System.out.println(connections + " " + (PERMITS - permits.availablePermits()) + " " + usage.threads() + " "
                                       + usage.sockets() + " " + system.getOpenFileDescriptorCount() + " " + usage.heap());
        }
        servers.forEach(WebServer::stop);
    }

    private static WebServer start(Transport transport, Semaphore permits) {
        return WebServer.builder()
                .host("localhost")
                .featuresDiscoverServices(false)
                .shutdownHook(false)
                .addFeature(Hangup.builder().watch(Await.WATCHED).deadline(LONG).maxDeadline(LONG).build())
                .concurrencyLimit(FixedLimit.create(permits))
                .routing(SoakServer::routing)
                .update(transport::configure)
                .build()
                .start();
    }

    private static void routing(HttpRouting.Builder routing) {
        routing.get("/quick", Hangup.cancellable(request -> "quick"))
                .post("/read", Hangup.cancellable(request -> String.valueOf(request.content().as(byte[].class).length)))
                .any("/wait", Hangup.cancellable(request -> {
                    Thread.sleep(LONG);
                    return "";
                }))
                .get("/stream", Hangup.cancellable((request, response) -> {
                    OutputStream stream = response.outputStream();
                    while (true) {
                        stream.write(new byte[2_000]);
                        stream.flush();
                        TimeUnit.MICROSECONDS.sleep(500);
                    }
                }));
    }
}
