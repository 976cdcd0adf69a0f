package dev.hangup.sql;

import io.helidon.logging.common.HelidonMdc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;

import dev.hangup.testing.Await;
import dev.hangup.testing.Trail;

import javax.sql.DataSource;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** In which order statements are cancelled and connections go back, or are thrown away. */
class LeaseTest {
    /** Long enough for a first cancel to be sent. */
    private static final Duration SOON = Duration.ofSeconds(3);
    private static final SqlWork<String> EXECUTE = connection -> {
        try (PreparedStatement statement = connection.prepareStatement("")) {
            statement.execute();
        }
        return "value";
    };
    private static final SqlWork<String> IN_A_TRANSACTION = connection -> {
        connection.setAutoCommit(false);
        return EXECUTE.run(connection);
    };

    private final Trail trail = new Trail();

    @Test
    void aConnectionGoesStraightBackIfNobodyStopsItsWork() throws Exception {
        assertEquals("value", sql(ScriptedDatabase.Cancel.WORKS).call(connection -> "value"));
        assertEquals(List.of("connect", "close"), events());
    }

    @Test
    void aConnectionGoesBackIfThereIsNoThreadForItsWork() {
        assertThrows(RuntimeException.class, () -> sql(ScriptedDatabase.Cancel.WORKS).on(task -> null).call(EXECUTE));
        assertEquals(List.of("connect", "close"), events());
    }

    @Test
    void aTimeThatNeverEndsIsRefused() {
        assertThrows(IllegalArgumentException.class,
                     () -> sql(ScriptedDatabase.Cancel.WORKS).abortAfter(ChronoUnit.FOREVER.getDuration()));
    }

    @Test
    void aStatementIsCancelledAndItsConnectionGoesBackOnceItAnswers() {
        stop(sql(ScriptedDatabase.Cancel.WORKS), EXECUTE);
        assertEquals(List.of("connect", "execute", "cancel", "executed", "isValid", "close"), events());
    }

    @Test
    void whatWasNotCommittedIsRolledBack() {
        stop(sql(ScriptedDatabase.Cancel.WORKS), IN_A_TRANSACTION);
        assertEquals(List.of("connect", "execute", "cancel", "executed", "isValid", "rollback", "close"), events());
    }

    @Test
    void aCancelThatIsLostIsRepeated() {
        stop(sql(ScriptedDatabase.Cancel.WORKS_THE_THIRD_TIME), EXECUTE);
        assertEquals(List.of("connect", "execute", "cancel", "executed", "isValid", "close"), events());
        assertTrue(trail.events().stream().filter("cancel"::equals).count() >= 3, trail.events().toString());
    }

    @Test
    void aCancelThatFailsIsRepeated() {
        stop(sql(ScriptedDatabase.Cancel.FAILS_TWICE), EXECUTE);
        assertEquals(List.of("connect", "execute", "cancel", "executed", "isValid", "close"), events());
        assertTrue(trail.events().stream().filter("cancel"::equals).count() >= 3, trail.events().toString());
    }

    @Test
    void aConnectionIsEvictedWhoseCancelCameTooLate() {
        stop(sql(ScriptedDatabase.Cancel.COMES_TOO_LATE), EXECUTE);
        assertEquals(List.of("connect", "execute", "cancel", "executed", "evict", "close"), events());
    }

    @Test
    void aConnectionIsEvictedWhoseStatementFailedOtherwiseWhenItWasCancelled() {
        stop(sql(ScriptedDatabase.Cancel.FINDS_ANOTHER_FAILURE), EXECUTE);
        assertEquals(List.of("connect", "execute", "cancel", "executed", "evict", "close"), events());
    }

    @Test
    void aConnectionIsEvictedThatDoesNotAnswerAfterACancel() {
        stop(sql(ScriptedDatabase.Cancel.BREAKS), EXECUTE);
        assertEquals(List.of("connect", "execute", "cancel", "executed", "isValid", "evict", "close"), events());
    }

    @Test
    void aConnectionIsAbortedWhoseStatementGoesOn() {
        stop(sql(ScriptedDatabase.Cancel.HANGS).abortAfter(SOON), EXECUTE);
        trail.await("cancel interrupted");
        assertEquals(List.of("connect", "execute", "cancel", "abort", "executed", "evict", "close"), eventsButInterrupts());
    }

    @Test
    void aConnectionIsEvictedWhoseCancelIsStillUnderWay() {
        stop(sql(ScriptedDatabase.Cancel.HANGS_FOR_LONGER_THAN_THE_STATEMENT).abortAfter(SOON), EXECUTE);
        trail.await("cancel interrupted");
        assertEquals(List.of("connect", "execute", "cancel", "executed", "evict", "close"), eventsButInterrupts());
    }

    @Test
    void withoutAPoolToTellAConnectionIsAbortedAndClosed() {
        stop(CancellableSql.of(new ScriptedDatabase(trail, ScriptedDatabase.Cancel.COMES_TOO_LATE).source()), EXECUTE);
        assertEquals(List.of("connect", "execute", "cancel", "executed", "abort", "close", "close"), events());
    }

    @Test
    void nothingBeginsAfterTheStop() {
        SQLException refusal = assertInstanceOf(SQLException.class, stop(sql(ScriptedDatabase.Cancel.WORKS), connection -> {
            assertThrows(SQLException.class, () -> EXECUTE.run(connection));
            assertThrows(SQLException.class, connection::commit);
            connection.rollback();
            connection.createStatement();
            return "never";
        }).getCause());
        assertEquals("57014", refusal.getSQLState());
        assertEquals(List.of("connect", "execute", "cancel", "executed", "rollback", "evict", "close"), events());
    }

    /** The statement might have undone what the work has changed in the session: a variable, a lock, a transaction. */
    @Test
    void aConnectionIsEvictedWhoseWorkWasKeptFromCleaningUp() {
        stop(sql(ScriptedDatabase.Cancel.WORKS), connection -> {
            try {
                return EXECUTE.run(connection);
            } finally {
                assertThrows(SQLException.class, connection::createStatement);
            }
        });
        assertEquals(List.of("connect", "execute", "cancel", "executed", "evict", "close"), events());
    }

    /** It has executed nothing that it would have to undo. */
    @Test
    void refusedFirstStatementLeavesTheConnectionAsItIs() throws Exception {
        SqlCalls calls = new SqlCalls(null, () -> true);
        assertThrows(SQLException.class, () -> calls.ensureNotCancelled(true));
        assertFalse(calls.suspect());
    }

    @Test
    void aConnectionGoesBackWhoseWorkWasKeptFromCommitting() {
        stop(sql(ScriptedDatabase.Cancel.WORKS), connection -> {
            assertThrows(SQLException.class, () -> EXECUTE.run(connection));
            connection.commit();
            return "never";
        });
        assertEquals(List.of("connect", "execute", "cancel", "executed", "isValid", "close"), events());
    }

    @Test
    void settingsOfAConnectionMayBePutBackAndNothingIsCommittedByThat() {
        stop(sql(ScriptedDatabase.Cancel.WORKS), connection -> {
            connection.setAutoCommit(false);
            try {
                return EXECUTE.run(connection);
            } finally {
                connection.setAutoCommit(true);
            }
        });
        assertEquals(List.of("connect", "execute", "cancel", "executed", "rollback", "isValid", "close"), events());
    }

    @Test
    void aConnectionIsEvictedWhoseSettingCannotBePutBack() {
        stop(sql(ScriptedDatabase.Cancel.WORKS), connection -> {
            try {
                return EXECUTE.run(connection);
            } finally {
                assertThrows(SQLException.class, () -> connection.setReadOnly(false));
            }
        });
        assertEquals(List.of("connect", "execute", "cancel", "executed", "setReadOnly", "evict", "close"), events());
    }

    /** As SQL Server, and as MySQL and MariaDB report it. */
    @ParameterizedTest
    @ValueSource(strings = {"HY008", "70100"})
    void aConnectionGoesBackWhateverItsDatabaseCallsACancelledStatement(String state) {
        stop(sql(new ScriptedDatabase(trail, ScriptedDatabase.Cancel.WORKS, state)), EXECUTE);
        assertEquals(List.of("connect", "execute", "cancel", "executed", "isValid", "close"), events());
    }

    /** The work may be over before the statements are cancelled, but then it may have left a transaction open. */
    @Test
    void refusedCallCountsAsCancelled() {
        SqlCalls calls = new SqlCalls(null, () -> true);
        assertFalse(calls.isCancelled());
        assertThrows(SQLException.class, () -> calls.ensureNotCancelled(false));
        assertTrue(calls.isCancelled());
    }

    @Test
    void theWorkMayCloseItsConnectionItself() throws Exception {
        sql(ScriptedDatabase.Cancel.WORKS).call(connection -> {
            try (connection) {
                connection.commit();
            }
            trail.add("closed");
            connection.close();
            assertTrue(connection.isClosed());
            assertEquals("08003", assertThrows(SQLException.class, connection::commit).getSQLState());
            return "value";
        });
        assertEquals(List.of("connect", "commit", "close", "closed"), trail.events());
    }

    @Test
    void aConnectionIsOfNoUseAfterItsWork() throws Exception {
        Connection kept = sql(ScriptedDatabase.Cancel.WORKS).call(connection -> connection);
        assertTrue(kept.isClosed());
        assertEquals("08003", assertThrows(SQLException.class, kept::createStatement).getSQLState());
    }

    @Test
    void noConnectionIsTakenForWorkThatNobodyWants() {
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> sql(ScriptedDatabase.Cancel.WORKS).call(connection -> "never"));
        assertEquals(List.of(), trail.events());
    }

    /** The source swallows the interrupt, if there is one, and lends its connection later. */
    @Test
    void noQueryBeginsOnAConnectionThatComesAfterTheStop() {
        DataSource source = new ScriptedDatabase(trail, ScriptedDatabase.Cancel.WORKS).source();
        CancellableSql sql = CancellableSql.of((DataSource) Proxy.newProxyInstance(
                LeaseTest.class.getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                    trail.ignoreInterruptsUntil("stopped");
                    return source.getConnection();
                }));
        FutureTask<Object> call = new FutureTask<>(() -> sql.call(EXECUTE));
        Thread caller = Thread.ofVirtual().start(call);
        trail.await("started");
        caller.interrupt();
        Await.until("the call returns", call::isDone);
        assertInstanceOf(InterruptedException.class, call.exceptionNow());
        trail.add("stopped");
        trail.await("close");
        assertEquals(List.of("started", "stopped", "released", "connect", "close"), trail.events());
    }

    @Test
    void whoAsksTheSourceHasTheLoggingContextOfTheCaller() throws Exception {
        DataSource source = new ScriptedDatabase(trail, ScriptedDatabase.Cancel.WORKS).source();
        CancellableSql sql = CancellableSql.of(proxy(DataSource.class, (proxy, method, arguments) -> {
            trail.add("of " + HelidonMdc.get("caller").orElse("nobody"));
            return source.getConnection();
        }));
        HelidonMdc.set("caller", "the test");
        try {
            sql.call(connection -> "value");
        } finally {
            HelidonMdc.clear();
        }
        assertEquals(List.of("of the test", "connect", "close"), trail.events());
    }

    @Test
    void connectionThatCannotBeGivenBackIsAFailure() {
        SQLException failure = new SQLException("no way back");
        CancellableSql sql = CancellableSql.of(proxy(DataSource.class, (source, asked, none) ->
                proxy(Connection.class, (connection, method, arguments) -> {
                    throw failure;
                })));
        assertSame(failure, assertThrows(SQLException.class, () -> sql.call(connection -> "value")));
    }

    @Test
    void theStatementOfANestedCallIsCancelledToo() {
        CancellableSql outer = CancellableSql.of(new ScriptedDatabase(new Trail(), ScriptedDatabase.Cancel.WORKS).source());
        CancellableSql inner = sql(ScriptedDatabase.Cancel.WORKS);
        stop(outer, ignored -> inner.call(EXECUTE));
        assertEquals(List.of("connect", "execute", "cancel", "executed", "isValid", "close"), events());
    }

    /** All that happened, with only the first cancel of each: it is repeated for as long as its statement takes to end. */
    private List<String> events() {
        List<String> events = new ArrayList<>();
        for (String event : trail.events()) {
            if (!event.equals("cancel") || !events.contains(event)) {
                events.add(event);
            }
        }
        return events;
    }

    private List<String> eventsButInterrupts() {
        return events().stream().filter(event -> !event.equals("cancel interrupted")).toList();
    }

    private CancellableSql sql(ScriptedDatabase.Cancel cancel) {
        return sql(new ScriptedDatabase(trail, cancel));
    }

    private CancellableSql sql(ScriptedDatabase database) {
        return CancellableSql.of(database.source()).evictingBy(connection -> trail.add("evict"));
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(LeaseTest.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    /** Stops the work once it executes a statement. */
    private InterruptedException stop(CancellableSql sql, SqlWork<?> work) {
        FutureTask<Object> call = new FutureTask<>(() -> sql.call(work));
        Thread caller = Thread.ofVirtual().start(call);
        trail.await("execute");
        caller.interrupt();
        Await.until("the call returns", call::isDone);
        return assertInstanceOf(InterruptedException.class, call.exceptionNow());
    }
}
