/**
 * The demo, which mounts the same work twice: on plain Helidon under {@code /no-context}, and under Hangup under
 * {@code /with-context}. It is not part of the library.
 */
package dev.hangup.demo;
