/**
 * Server-sent events from plain blocking code, which is cancelled when the client leaves.
 */
package dev.hangup.sse;
