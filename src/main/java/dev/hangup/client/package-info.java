/**
 * Propagation of deadlines in calls to other services.
 */
package dev.hangup.client;
