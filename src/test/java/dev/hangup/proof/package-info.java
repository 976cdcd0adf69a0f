/** Random connections: every answered byte is right, and no work outlives the client that asked for it. */
package dev.hangup.proof;
