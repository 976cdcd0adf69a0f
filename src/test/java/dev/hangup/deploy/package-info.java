/** What {@code src/deploy} holds: an image, a manifest, and what both agree on. */
package dev.hangup.deploy;
