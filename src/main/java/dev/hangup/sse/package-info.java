/**
 * Server-sent events from plain blocking code, which stops with its reader.
 */
package dev.hangup.sse;
