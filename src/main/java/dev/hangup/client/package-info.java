/**
 * Calls of other services: they are told how much time is left.
 */
package dev.hangup.client;
