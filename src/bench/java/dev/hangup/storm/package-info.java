/** The experiment: a storm of retries against a server that works on for nobody, one that stops, and one that shares. */
package dev.hangup.storm;
