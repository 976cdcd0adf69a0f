/**
 * Text that clients, or others whom nobody has checked, have a hand in, made safe to show. Imports nothing of Hangup's.
 */
package dev.hangup.internal.text;
