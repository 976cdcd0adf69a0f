/**
 * Membership in a cluster and the relay of shared calls to the owners of their keys. {@code Cluster} is one member: its internal
 * listener, its view of the other members and its calls to them. {@code Membership} is all that it knows of the engine.
 */
package dev.hangup.internal.cluster;
