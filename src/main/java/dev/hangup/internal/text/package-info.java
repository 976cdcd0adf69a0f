/** Makes text from clients and other unchecked sources safe to show, and logs safely. Imports no other package of Hangup. */
package dev.hangup.internal.text;
