package dev.hangup.internal.cluster;

import java.util.List;

import org.jgroups.Address;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.TCPPING;
import org.jgroups.util.Responses;

/**
 * Asks all current addresses of the configured names for members. {@code TCPPING} (5.5.2) never again looks up a name
 * that was unknown at the start; {@code DNS_PING} asks name servers for IPv4 addresses of full names only, and so finds
 * neither IPv6 members nor a name that is completed by a search domain or stands in the hosts file.
 */
final class Discovery extends TCPPING {
    private final MemberAddresses addresses;

    Discovery(MemberAddresses addresses) {
        this.addresses = addresses;
        // the messages are those of the protocol that this one extends
        setId(ClassConfigurator.getProtocolId(TCPPING.class));
        setPortRange(0);
        initial_hosts_set_programmatically = true;
    }

    @Override
    public void findMembers(List<Address> members, boolean initialDiscovery, Responses responses) {
        setInitialHosts(addresses.all().stream().filter(it -> !it.isUnresolved()).toList());
        super.findMembers(members, initialDiscovery, responses);
    }
}
