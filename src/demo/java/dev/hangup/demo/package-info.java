/**
 * The demo: the same work mounted twice, bare under {@code /no-context} and under Hangup under {@code /with-context}.
 * Not part of the library.
 */
package dev.hangup.demo;
