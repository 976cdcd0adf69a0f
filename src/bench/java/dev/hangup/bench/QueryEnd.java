package dev.hangup.bench;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;

import dev.hangup.Hangup;
import dev.hangup.internal.connection.Usage;
import dev.hangup.sql.CancellableSql;
import dev.hangup.testing.Database;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;

/** How long it takes from a client's close to the end of its query, and what is left behind. */
final class QueryEnd implements Benchmark.Part {
    private static final int WARM_UPS = 300;
    private static final int DEPARTURES = 1000;
    private static final int CONNECTIONS = 4;
    private static final Duration HOUR = Duration.ofHours(1);

    private final SynchronousQueue<Long> begun = new SynchronousQueue<>();
    private final SynchronousQueue<Long> ended = new SynchronousQueue<>();

    @Override
    public String question() {
        return "from the client's close to the end of its query, as the one who asked the database sees it";
    }

    @Override
    public void run() throws Exception {
        for (Database database : Database.values()) {
            try (HikariDataSource pool = database.pool(CONNECTIONS); TestServer server = serve(database, pool)) {
                measure(server, WARM_UPS);
                String before = usage(pool);
                double[] millis = measure(server, DEPARTURES);
                System.out.printf(Locale.ROOT, "%-12s%s%n", database, new Samples(millis).tail());
                System.out.println("  before: " + before);
                System.out.println("  after:  " + usage(pool));
            }
        }
    }

    private double[] measure(TestServer server, int departures) throws InterruptedException {
        double[] millis = new double[departures];
        for (int i = 0; i < departures; i++) {
            try (RawClient client = server.connect().get("/")) {
                begun.take();
                // for the watcher and the query to be there
                TimeUnit.MILLISECONDS.sleep(20);
                long left = System.nanoTime();
                client.leave();
                millis[i] = (ended.take() - left) / 1e6;
            }
            server.nextEnd();
        }
        return millis;
    }

    private TestServer serve(Database database, HikariDataSource pool) {
        CancellableSql sql = CancellableSql.of(pool).on(database.threads()).evictingBy(pool::evictConnection);
        return TestServer.start(hangup -> hangup.deadline(HOUR), routing -> routing.get("/", Hangup.cancellable(request ->
                sql.call(connection -> {
                    begun.put(System.nanoTime());
                    try {
                        database.sleep(connection, HOUR);
                    } catch (SQLException e) {
                        ended.put(System.nanoTime());
                    }
                    return "";
                }))));
    }

    private static String usage(HikariDataSource pool) {
        HikariPoolMXBean counts = pool.getHikariPoolMXBean();
        Usage usage = Usage.now();
        return "connections " + counts.getTotalConnections() + " (in use " + counts.getActiveConnections() + "), threads "
                + usage.threads() + ", open sockets " + usage.sockets();
    }
}
