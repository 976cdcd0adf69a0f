/** Makes text safe to show that clients or other unchecked sources control. Imports nothing of Hangup's. */
package dev.hangup.internal.text;
