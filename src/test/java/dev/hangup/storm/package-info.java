/** The experiment: a retry storm against a server that works on for nobody, one that stops, and one that shares and remembers. */
package dev.hangup.storm;
