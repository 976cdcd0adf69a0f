/**
 * Several replicas of a server that coalesce as one: concurrent requests with the same key, whichever replica they reach, share
 * one computation. Without {@code server.features.hangup.cluster}, no class of this package and no optional dependency is loaded.
 *
 * <h2>Who computes</h2>
 * Every key of a {@linkplain dev.hangup.coalescing.Coalescing.Builder#clustered clustered} route has an owner, which each member
 * determines from the key and its own view of the members, without asking anybody. A request that reaches another member is
 * relayed to the owner over an internal HTTPS listener, and waits there beside the owner's own requests. A member that receives a
 * relayed request computes, whichever member it considers the owner: no request is relayed twice.
 *
 * <h2>Who stops, and when</h2>
 * The requests of one member for one key share a relayed request, which is a waiter of the owner's computation for as long as its
 * connection is open. When the last of their clients has left, or the last of their deadlines has passed, the member closes the
 * connection, and the owner notices that as it notices any disconnect. When the last waiter has left, wherever it was, the
 * computation is interrupted. If the process of a member ends, its connections end with it: its waiters at the owners are gone,
 * and its computations are lost to members that wait for them. If its machine or its network is lost, no connection is closed;
 * TCP keep-alive ends the connections after about {@code gone-after}. The deadline of the computation is the latest one of its
 * waiters. When a later one joins, its member sends the owner the new deadline, rounded up by 100 ms. This update has no effect if
 * the owner is already sending its result, or does not receive it within five seconds.
 *
 * <h2>Failures</h2>
 * If the computation throws, each waiter gets the failure. {@link io.helidon.http.HttpException} keeps its status, message and
 * headers across members; any other exception is a {@link dev.hangup.cluster.RelayedFailureException} on other members.
 * <p>
 * If the owner ends, leaves or closes the connection, its requests go to the next member in the order of the key. That order is
 * the same on all members, so the key is computed once more, and only once. The owner also counts as gone in three other cases:
 * its computation throws while it is leaving, since the cause may be something that the server has closed; it sends something
 * other than a response, or more than 16 MiB; or it is frozen, once the others have excluded it after {@code gone-after}.
 * <p>
 * A member computes a key locally if it cannot join, if its part of the network is split from the others, if the owner cannot send
 * the result, or if the key or the result has more than 16 MiB.
 *
 * <h2>What may still run</h2>
 * When a member joins, a computation in flight for a key that it now owns goes on for its waiters, while the new owner computes
 * for new requests. An owner that was considered gone but still lives computes until it notices that its connections are closed.
 *
 * <h2>Who may take part</h2>
 * Members have certificates that the others trust, on both ports. Nothing is deserialised as Java objects from the internal
 * listener; keys and results travel as the bytes of their {@link dev.hangup.cluster.Codec}.
 */
package dev.hangup.cluster;
