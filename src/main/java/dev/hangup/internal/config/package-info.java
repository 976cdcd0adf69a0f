/**
 * Checks of configuration: a value that is refused is named with its whole key.
 */
package dev.hangup.internal.config;
