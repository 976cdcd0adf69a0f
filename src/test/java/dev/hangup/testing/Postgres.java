package dev.hangup.testing;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/**
 * A real PostgreSQL, started when it is first asked for, and stopped with this JVM. As root, which PostgreSQL refuses, it runs
 * in a user namespace of its own ({@code unshare -U}).
 */
public final class Postgres {
    private static final EmbeddedPostgres SERVER = start();

    private Postgres() {
    }

    /** Where it is, for a driver; {@code application} tells its connections from others. */
    public static String url(String application) {
        return SERVER.getJdbcUrl("postgres", "postgres") + "&ApplicationName=" + application;
    }

    /** Its port on this machine. */
    public static int port() {
        return SERVER.getPort();
    }

    /** How many statements its connections of an application are executing; asked on another connection. */
    public static int executing(String application) {
        return count("application_name = ? AND state = 'active'", application);
    }

    /** How many connections an application has. */
    public static int connected(String application) {
        return count("application_name = ?", application);
    }

    private static int count(String condition, String application) {
        try (Connection connection = SERVER.getPostgresDatabase().getConnection();
                PreparedStatement query = connection.prepareStatement(
                        "SELECT count(*) FROM pg_stat_activity WHERE " + condition)) {
            query.setString(1, application);
            try (ResultSet result = query.executeQuery()) {
                result.next();
                return result.getInt(1);
            }
        } catch (SQLException e) {
            throw new AssertionError("PostgreSQL does not answer", e);
        }
    }

    private static EmbeddedPostgres start() {
        try {
            return EmbeddedPostgres.builder().setLocaleConfig("locale", "C").setPGStartupWait(Duration.ofMinutes(1)).start();
        } catch (IOException | IllegalStateException e) {
            throw new AssertionError("PostgreSQL could not be started. As root that needs user namespaces (unshare -U).", e);
        }
    }
}
