package dev.hangup.cluster;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The state of a cluster as one of its members knows it.
 *
 * @param name    name of the cluster
 * @param self    address of this member's internal listener; empty before it listens
 * @param members addresses of the internal listeners of the members that this one sees, itself included; empty before it has
 *                joined and if it cannot join; without itself once it has left
 * @param problem why there are no other members, or no longer any, if known
 * @param owned   number of keys that are being computed here, whichever members wait for them
 * @param relayed number of keys that requests of this member wait for at their owners
 * @param calls   number of calls to owners that have ended, by their outcomes
 */
public record ClusterStatus(String name, String self, List<String> members, Optional<String> problem, int owned, int relayed,
                            Map<RelayOutcome, Long> calls) {
}
