package dev.hangup.demo;

import java.io.IOException;
import java.net.SocketException;

import org.apache.hc.client5.http.HttpRequestRetryStrategy;
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
 * Tries again what failed because its connection had been closed while it was idle: a call of a method that may be
 * repeated, whose answer had not begun, on a connection that was used before. Each such failure takes one of them out of
 * the pool, so the last try is on a new one. Never what was interrupted.
 */
final class StaleConnections implements HttpRequestRetryStrategy {
    @Override
    public boolean retryRequest(HttpRequest request, IOException failure, int attempts, HttpContext context) {
        EndpointDetails connection = HttpClientContext.cast(context).getEndpointDetails();
        return (failure instanceof NoHttpResponseException || failure instanceof SocketException)
                && Method.isIdempotent(request.getMethod())
                && connection != null && connection.getResponseCount() > 0
                && !Thread.currentThread().isInterrupted();
    }

    @Override
    public boolean retryRequest(HttpResponse response, int attempts, HttpContext context) {
        // what some say before they close an idle connection; to nobody, since it was said before there was a request
        return response.getCode() == HttpStatus.SC_REQUEST_TIMEOUT
                && HttpClientContext.cast(context).getEndpointDetails().getResponseCount() > 1
                && !Thread.currentThread().isInterrupted();
    }

    @Override
    public TimeValue getRetryInterval(HttpResponse response, int attempts, HttpContext context) {
        return TimeValue.ZERO_MILLISECONDS;
    }
}
