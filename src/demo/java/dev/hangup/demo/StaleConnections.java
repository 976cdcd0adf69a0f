package dev.hangup.demo;

import java.io.IOException;
import java.net.SocketException;

import org.apache.hc.client5.http.HttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.DefaultClientConnectionReuseStrategy;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.EndpointDetails;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.util.TimeValue;

/**
 * Retries calls that failed because an idle connection had been closed. The method must be idempotent, the connection must have
 * been used before, and no response may have begun. Each such failure removes one connection from the pool, so the last attempt
 * uses a new one. Other calls may return connections meanwhile, so the number of attempts is bounded as well. Interrupted calls are
 * never retried.
 */
final class StaleConnections implements HttpRequestRetryStrategy {
    /** More than the idle connections that a pool is likely to have. */
    private static final int MAX_RETRIES = 100;

    @Override
    public boolean retryRequest(HttpRequest request, IOException failure, int attempts, HttpContext context) {
        EndpointDetails connection = HttpClientContext.cast(context).getEndpointDetails();
        return (failure instanceof NoHttpResponseException || failure instanceof SocketException)
                && Method.isIdempotent(request.getMethod())
                && connection != null && connection.getResponseCount() > 0
                && attempts <= MAX_RETRIES
                && !Thread.currentThread().isInterrupted();
    }

    @Override
    public boolean retryRequest(HttpResponse response, int attempts, HttpContext context) {
        // Some servers send this before they close an idle connection; it belongs to no request. On a connection that stays open
        // it is the response to the call, and a retry would get the same connection.
        HttpClientContext call = HttpClientContext.cast(context);
        return response.getCode() == HttpStatus.SC_REQUEST_TIMEOUT
                && !DefaultClientConnectionReuseStrategy.INSTANCE.keepAlive(call.getRequest(), response, context)
                && call.getEndpointDetails().getResponseCount() > 1
                && attempts <= MAX_RETRIES
                && !Thread.currentThread().isInterrupted();
    }

    @Override
    public TimeValue getRetryInterval(HttpResponse response, int attempts, HttpContext context) {
        return TimeValue.ZERO_MILLISECONDS;
    }
}
