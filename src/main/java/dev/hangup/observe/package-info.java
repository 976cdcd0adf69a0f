/**
 * Requests in flight for operators, over Helidon's observe feature. The module {@code helidon-webserver-observe} is optional.
 */
package dev.hangup.observe;
