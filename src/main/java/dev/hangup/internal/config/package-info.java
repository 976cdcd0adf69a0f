/** Checks of the configuration. The message about a rejected value contains its full key. */
package dev.hangup.internal.config;
