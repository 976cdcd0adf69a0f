/**
 * Lets operators list and cancel requests in flight, through Helidon's observe feature. The module {@code
 * helidon-webserver-observe} is optional.
 */
package dev.hangup.observe;
