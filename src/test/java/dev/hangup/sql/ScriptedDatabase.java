package dev.hangup.sql;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.hangup.testing.Await;
import dev.hangup.testing.Trail;

import javax.sql.DataSource;

/** A driver that takes to being cancelled as it is told to, and leaves a trail of what it is asked for. */
final class ScriptedDatabase {
    /** What a statement fails with when its connection is aborted. */
    private static final String BROKEN = "08006";

    private final Trail trail;
    private final Cancel cancel;
    private final String cancelled;
    private final CountDownLatch end = new CountDownLatch(1);
    private final AtomicInteger cancels = new AtomicInteger();
    private volatile String endsAs;
    private volatile boolean autoCommit = true;

    ScriptedDatabase(Trail trail, Cancel cancel) {
        this(trail, cancel, SqlCalls.CANCELLED);
    }

    /** @param cancelled the SQLSTATE of a cancelled statement */
    ScriptedDatabase(Trail trail, Cancel cancel, String cancelled) {
        this.trail = trail;
        this.cancel = cancel;
        this.cancelled = cancelled;
    }

    /** Each of its connections leaves "connect", then the names of the methods that are called. */
    DataSource source() {
        return proxy(DataSource.class, (proxy, method, arguments) -> {
            trail.add("connect");
            return connection();
        });
    }

    private Connection connection() {
        return proxy(Connection.class, (proxy, method, arguments) -> switch (method.getName()) {
        case "prepareStatement" -> statement();
        case "setAutoCommit" -> autoCommit = (boolean) arguments[0];
        case "getAutoCommit" -> autoCommit;
        case "setReadOnly" -> {
            trail.add("setReadOnly");
            throw new SQLException("Not in a transaction that has failed", "25P02");
        }
        case "unwrap" -> proxy;
        case "isWrapperFor" -> false;
        case "isValid" -> {
            trail.add("isValid");
            yield cancel != Cancel.BREAKS;
        }
        case "abort" -> {
            trail.add("abort");
            end(BROKEN);
            yield null;
        }
        default -> {
            trail.add(method.getName());
            yield null;
        }
        });
    }

    private Statement statement() {
        return proxy(PreparedStatement.class, (proxy, method, arguments) -> switch (method.getName()) {
        case "execute" -> {
            trail.add("execute");
            if (!end.await(Await.TIME.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("Never cancelled");
            }
            trail.add("executed");
            if (!endsAs.isEmpty()) {
                throw new SQLException("It ended", endsAs);
            }
            yield true;
        }
        case "cancel" -> {
            trail.add("cancel");
            cancel();
            yield null;
        }
        default -> null;
        });
    }

    private void cancel() throws SQLException, InterruptedException {
        switch (cancel) {
        case WORKS, BREAKS -> end(cancelled);
        case WORKS_THE_THIRD_TIME -> {
            if (cancels.incrementAndGet() == 3) {
                end(cancelled);
            }
        }
        case FAILS_TWICE -> {
            if (cancels.incrementAndGet() < 3) {
                throw new SQLException("Cannot cancel");
            }
            end(cancelled);
        }
        case COMES_TOO_LATE -> end("");
        case FINDS_ANOTHER_FAILURE -> end("23505");
        case HANGS -> hang();
        case HANGS_FOR_LONGER_THAN_THE_STATEMENT -> {
            end(cancelled);
            hang();
        }
        }
    }

    private void hang() throws InterruptedException {
        try {
            Thread.sleep(Await.TIME);
        } catch (InterruptedException e) {
            trail.add("cancel interrupted");
            throw e;
        }
    }

    private void end(String state) {
        endsAs = state;
        end.countDown();
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) ->
                method.getName().equals("toString") ? type.getSimpleName()
                        : method.getName().equals("hashCode") ? System.identityHashCode(proxy)
                        : handler.invoke(proxy, method, arguments)));
    }

    /** What a cancel does. */
    enum Cancel {
        WORKS, WORKS_THE_THIRD_TIME, FAILS_TWICE, COMES_TOO_LATE, FINDS_ANOTHER_FAILURE, HANGS,
        HANGS_FOR_LONGER_THAN_THE_STATEMENT, BREAKS
    }
}
