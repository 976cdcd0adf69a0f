/**
 * Request coalescing: concurrent requests with the same key share one computation. Later requests, retries above all, may get
 * its cached result.
 * <p>
 * {@link dev.hangup.coalescing.Coalescing} is the handler of a route; {@code SharedCall} is one computation and the requests
 * that wait for it.
 */
package dev.hangup.coalescing;
