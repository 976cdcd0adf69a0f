package dev.hangup.internal.cluster;

import java.util.List;
import java.util.function.Consumer;

/** The members of a cluster, as one of them sees them. */
interface Membership extends AutoCloseable {
    /**
     * Joins the cluster, or begins it if no other member is found. Returns when this member has a view.
     *
     * @param changed  gets the addresses of the internal listeners of all members, this one included, at each change and before
     *                 this method returns; on any thread, one call after the other. Must not block
     * @param received gets what other members have {@linkplain #send sent}, on any thread, the messages of one member in order
     *                 and one after the other. Must not block
     * @throws Exception if this member can neither join nor begin a cluster
     */
    void join(Consumer<List<String>> changed, Consumer<byte[]> received) throws Exception;

    /**
     * Sends a message to all other members, over the connections that the engine has encrypted and authenticated. May block.
     *
     * @param message a few kilobytes, which are not modified any more
     * @throws Exception if the message cannot be sent; without an exception, it may still reach only some of the members
     */
    void send(byte[] message) throws Exception;

    /** Leaves the cluster; the other members notice at once. */
    @Override
    void close();
}
