/** What the tests share: a server, raw clients, and trails of events. */
package dev.hangup.testing;
