package dev.hangup.docs;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;

import dev.hangup.Hangup;

import com.zaxxer.hikari.HikariDataSource;

import io.helidon.common.parameters.Parameters;
import io.helidon.common.tls.Tls;
import io.helidon.config.Config;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerRequest;

import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;

/** What the examples in the documents take for granted of the service that they are part of. Compiled against, not run. */
public abstract class ExampleService {
    protected Config config;
    protected Hangup hangup;
    protected WebServer server;
    protected Tls tls;
    protected HikariDataSource pool;
    protected HttpClient client;
    protected CloseableHttpClient apache;
    protected URI uri;
    protected Path folder;
    protected long limit;
    protected Reports reports;
    protected Exports exports;
    protected Quotes quotes;
    protected Prices prices;
    protected Index index;
    protected Solver solver;
    protected Model model;
    protected Sessions sessions;

    protected abstract long primes(long limit);

    protected abstract long limit(ServerRequest request);

    protected abstract void examine(long number);

    protected abstract void step();

    protected abstract String quote();

    protected abstract String sales(Connection connection) throws SQLException;

    protected abstract String file(ServerRequest request);

    protected abstract byte[] bytes(ServerRequest request);

    protected abstract String user(ServerRequest request);

    protected abstract void log(String text);

    protected static byte[] render(byte[] document) {
        return document;
    }

    /** Something that is computed. */
    protected record Result(String text) {
    }

    /** What a solver solves. */
    protected record Model(String text) {
    }

    /** What a solver throws that was stopped. */
    protected static class SolverStoppedException extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** A library with a cancel function. */
    protected interface Solver {
        Result solve(Model model);

        void stop();
    }

    /** A pool. */
    protected interface Sessions {
        Session borrow() throws Exception;

        void giveBack(Session session);
    }

    /** What a pool lends. */
    protected interface Session {
        Result ask(String text) throws Exception;

        void disconnect();
    }

    /** Blocking code that computes a value. */
    protected interface Reports {
        Result compute(Parameters query) throws Exception;
    }

    /** Blocking code that writes. */
    protected interface Exports {
        void write(OutputStream stream) throws IOException;
    }

    /** Blocking code that is given little time. */
    protected interface Quotes {
        Result best() throws Exception;
    }

    /** What waits for the next of many. */
    protected interface Prices {
        String next() throws InterruptedException;
    }

    /** What many ask for the same. */
    protected interface Index {
        Result search(Object query) throws Exception;
    }
}
