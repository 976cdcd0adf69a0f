/** Makes text from clients and other unchecked sources safe to show. Imports nothing of Hangup's. */
package dev.hangup.internal.text;
