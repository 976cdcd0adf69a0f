/** The README and the documents in {@code src/doc}: their links, code, configuration and commands hold. */
package dev.hangup.docs;
