package dev.hangup.internal.cluster;

import java.util.List;
import java.util.function.Consumer;

/** The members of a cluster, as one of them sees them. */
interface Membership extends AutoCloseable {
    /**
     * Joins the cluster, or begins it if no other member is found. Returns when this member has a view.
     *
     * @param changed gets the addresses of the internal listeners of all members, this one included, at each change and before
     *                this method returns; on any thread, one call after the other. Must not block
     * @throws Exception if this member can neither join nor begin a cluster
     */
    void join(Consumer<List<String>> changed) throws Exception;

    /** Leaves the cluster; the other members notice at once. */
    @Override
    void close();
}
