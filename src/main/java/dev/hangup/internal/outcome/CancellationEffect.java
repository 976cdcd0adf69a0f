package dev.hangup.internal.outcome;

import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileLockInterruptionException;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;

import dev.hangup.internal.connection.RequestOverException;

import io.helidon.common.buffers.DataReader;
import io.helidon.http.HttpException;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;

/**
 * Distinguishes what a cancellation causes from what cancelled work throws of its own.
 * <p>
 * No error handler receives what cancelled work throws: its client has left, or has got another response. An exception that the
 * cancellation causes is expected, and is dropped. Every other exception is the work's own, such as that of a rollback that
 * failed or of a bug in a {@code finally} block, and is reported once. This class alone makes the distinction. The following are
 * expected:
 * <ul>
 * <li>an interrupt: {@link InterruptedException}, {@link InterruptedIOException} (but not {@link SocketTimeoutException}), {@link
 * CancellationException};</li>
 * <li>the use of a channel or socket that an interrupt or a cancel action has closed: {@link ClosedChannelException}, and the
 * {@link SocketException}s that say so;</li>
 * <li>a statement that was cancelled in its database, by its SQLSTATE;</li>
 * <li>the end of the request and of its connection: {@link RequestOverException}, {@link CloseConnectionException} and {@link
 * DataReader.InsufficientDataAvailableException};</li>
 * <li>a response, which nobody receives: {@link HttpException} and {@link RequestException}, but not with status 500. Plain
 * Helidon does not log these either;</li>
 * <li>any exception whose chain of causes ends with one of these: it wraps an expected one.</li>
 * </ul>
 * The suppressed exceptions of an expected one must be expected themselves. An {@link Error} never is, wherever it is in a chain.
 */
public final class CancellationEffect {
    /** The maximum number of exceptions of one chain that are examined; a longer chain is reported. */
    private static final int MAX = 1000;
    /** The messages of {@code java.net} for a socket that was closed, by an interrupt in its call or before it. */
    private static final Set<String> CLOSED_SOCKET = Set.of("Closed by interrupt", "Socket closed", "Socket is closed");
    /** A cancelled statement, as PostgreSQL, H2 and Db2 (57014), SQL Server (HY008), and MySQL and MariaDB (70100) report it. */
    private static final Set<String> CANCELLED_STATEMENT = Set.of("57014", "HY008", "70100");

    /** The exceptions that were examined, each with the first exception of its chain. */
    private final Map<Throwable, Throwable> examined = new IdentityHashMap<>();
    /** The first exceptions of chains that are still to be examined. */
    private final Deque<Throwable> chains = new ArrayDeque<>();

    private CancellationEffect() {
    }

    /** Returns whether an exception of cancelled work is no more than an effect of the cancellation, and not the work's own. */
    public static boolean explains(Throwable thrown) {
        try {
            return new CancellationEffect().explainsAll(thrown);
        } catch (Throwable e) {
            // a method of the exception has failed in any way, which is no effect of a cancellation
            return false;
        }
    }

    /** Returns whether an exception says that a statement was cancelled in its database. */
    public static boolean isCancelledStatement(SQLException thrown) {
        return thrown.getSQLState() != null && CANCELLED_STATEMENT.contains(thrown.getSQLState());
    }

    /** Returns whether an exception is an {@link Error}, or has one among its causes, and so is more than a warning. */
    static boolean hasError(Throwable thrown) {
        return thrown instanceof Error || causes(thrown).stream().anyMatch(Error.class::isInstance);
    }

    /** Returns those of the exceptions, in their order, that have to be reported: each once, and no cause of another one. */
    public static List<Throwable> distinct(List<Throwable> thrown) {
        List<Throwable> distinct = new ArrayList<>();
        for (Throwable each : thrown) {
            if (distinct.stream().noneMatch(it -> it == each || isCause(each, it))) {
                distinct.removeIf(it -> isCause(it, each));
                distinct.add(each);
            }
        }
        return distinct;
    }

    private static boolean isCause(Throwable cause, Throwable of) {
        return causes(of).stream().anyMatch(it -> it == cause);
    }

    private static List<Throwable> causes(Throwable thrown) {
        List<Throwable> causes = new ArrayList<>();
        try {
            for (Throwable each = thrown.getCause(); each != null && causes.size() < MAX; each = each.getCause()) {
                causes.add(each);
            }
        } catch (Throwable e) {
            // a method of the exception has failed in any way; the causes up to there are known
        }
        return causes;
    }

    private boolean explainsAll(Throwable thrown) {
        for (Throwable first = thrown; first != null; first = chains.poll()) {
            if (!explainsChain(first)) {
                return false;
            }
        }
        return true;
    }

    private boolean explainsChain(Throwable first) {
        boolean expected = false;
        Throwable last = first;
        for (Throwable each = first; each != null; each = each.getCause()) {
            if (each instanceof Error || examined.size() >= MAX) {
                return false;
            }
            Throwable known = examined.putIfAbsent(each, first);
            if (known != null) {
                // the rest is that of an expected chain, or this chain has no end
                return known != first;
            }
            chains.addAll(List.of(each.getSuppressed()));
            expected |= isExpectedWithAnyCause(each);
            last = each;
        }
        return expected || isEffect(last);
    }

    /** Whether an exception is expected whatever has caused it. */
    private static boolean isExpectedWithAnyCause(Throwable thrown) {
        return switch (thrown) {
            case CloseConnectionException ignored -> true;
            case RequestOverException ignored -> true;
            case HttpException e -> e.status().code() != Status.INTERNAL_SERVER_ERROR_500.code();
            case RequestException e -> e.status().code() != Status.INTERNAL_SERVER_ERROR_500.code();
            default -> false;
        };
    }

    private static boolean isEffect(Throwable thrown) {
        return switch (thrown) {
            case SocketTimeoutException ignored -> false;
            case InterruptedException ignored -> true;
            case InterruptedIOException ignored -> true;
            case CancellationException ignored -> true;
            case ClosedChannelException ignored -> true;
            case FileLockInterruptionException ignored -> true;
            case DataReader.InsufficientDataAvailableException ignored -> true;
            case SocketException e -> e.getMessage() != null && CLOSED_SOCKET.contains(e.getMessage());
            case SQLException e -> isCancelledStatement(e);
            default -> false;
        };
    }
}
