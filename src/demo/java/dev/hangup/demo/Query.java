package dev.hangup.demo;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Locale;

import dev.hangup.Computation;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.json.JsonObject;
import io.helidon.webserver.http.ServerRequest;

/** Runs a slow query, which is cancelled in the database. */
final class Query implements Computation<JsonObject> {
    private static final System.Logger LOGGER = System.getLogger(Query.class.getName());
    private static final JsonObject ANSWER = JsonObject.builder()
            .set("msg", "Queried at length")
            .set("success", true)
            .build();

    private final QueryPool pool;

    Query(QueryPool pool) {
        this.pool = pool;
    }

    @Override
    public JsonObject compute(ServerRequest request) throws Exception {
        Duration time = Seconds.of(request.query());
        String path = request.path().path();
        LOGGER.log(System.Logger.Level.INFO, path + ": querying for " + seconds(time.toNanos()));
        long start = System.nanoTime();
        try {
            pool.sql().call(connection -> {
                pool.query().run(connection, time);
                return null;
            });
        } catch (InterruptedException e) {
            LOGGER.log(System.Logger.Level.WARNING, path + ": cancelled after " + seconds(System.nanoTime() - start));
            throw e;
        } catch (SQLTransientConnectionException e) {
            throw unavailable(path, e);
        } catch (SQLException e) {
            LOGGER.log(System.Logger.Level.WARNING, path + ": the query failed: " + e);
            throw new HttpException("The query failed", Status.BAD_GATEWAY_502, true);
        }
        LOGGER.log(System.Logger.Level.INFO, path + ": success, queried for " + seconds(System.nanoTime() - start));
        return ANSWER;
    }

    /** Returns the 503 for a missing connection; the pool gives a cause if it could not open one. */
    private static HttpException unavailable(String path, SQLException thrown) {
        String reason = thrown.getCause() == null
                ? "No connection to the database was free in time"
                : "The database cannot be reached";
        LOGGER.log(System.Logger.Level.WARNING, path + ": " + reason);
        return new HttpException(reason, Status.SERVICE_UNAVAILABLE_503, true)
                .header(HeaderValues.create(HeaderNames.RETRY_AFTER, "1"));
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }
}
