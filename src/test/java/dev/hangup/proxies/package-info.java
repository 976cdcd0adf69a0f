/** Real proxies in front of a server under Hangup, configured as {@code src/deploy/proxies} says. */
package dev.hangup.proxies;
