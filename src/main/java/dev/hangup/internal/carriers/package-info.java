/**
 * The guard against frozen carriers. Virtual threads are not time-sliced: once each carrier thread of the JVM's scheduler is held
 * by a virtual thread that computes or is pinned, no other virtual thread runs. {@link dev.hangup.internal.carriers.CarrierGuard}
 * notices this on a platform thread and adds carriers, which the operating system does time-slice.
 */
package dev.hangup.internal.carriers;
