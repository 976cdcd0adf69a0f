/** Blocking calls of the JDK and of libraries, and which of them stop when the client of their request leaves. */
package dev.hangup.calls;
