package dev.hangup.internal.cluster;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

import dev.hangup.cluster.ClusterConfig;

import io.helidon.common.tls.Tls;

import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.JChannel;
import org.jgroups.Message;
import org.jgroups.Receiver;
import org.jgroups.View;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.TCP;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.stack.Protocol;
import org.jgroups.util.ExtendedUUID;

/**
 * Membership by JGroups over TCP and mutual TLS. There is no {@code FD_SOCK2}, whose port would be open to everybody (5.5.2: its
 * NIO server has no TLS): a connection that ends makes its member suspect instead. Messages are byte arrays; no other kind is
 * read.
 */
final class JGroupsMembership implements Membership {
    private static final byte[] HTTP = "http".getBytes(StandardCharsets.US_ASCII);
    private static final int BEATS = 6;
    private static final int JOIN_MILLIS = 1000;
    private static final int MERGE_MILLIS = 1000;

    private final JChannel channel;
    private final MemberSockets sockets;
    private final String cluster;

    /** @param self the address of this member's internal listener, which the other members get with its name */
    JGroupsMembership(ClusterConfig config, Tls tls, String self) throws Exception {
        this.cluster = config.name();
        this.sockets = new MemberSockets(tls.sslContext(), tls.sslParameters());
        this.channel = new JChannel(protocols(config, sockets));
        channel.name(self);
        channel.stats(false);
        channel.addAddressGenerator(() -> ExtendedUUID.randomUUID(self).put(HTTP, self.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void join(Consumer<List<String>> changed, Consumer<byte[]> received) throws Exception {
        channel.setReceiver(new Receiver() {
            @Override
            public void viewAccepted(View view) {
                changed.accept(addresses(view));
            }

            @Override
            public void receive(Message message) {
                if (message.getType() == Message.BYTES_MSG) {
                    int from = message.getOffset();
                    received.accept(Arrays.copyOfRange(message.getArray(), from, from + message.getLength()));
                }
            }
        });
        channel.connect(cluster);
    }

    @Override
    public void send(byte[] message) throws Exception {
        channel.send(new BytesMessage(null, message).setFlag(Message.TransientFlag.DONT_LOOPBACK));
    }

    @Override
    public void close() {
        try {
            channel.close();
        } finally {
            sockets.close();
        }
    }

    private static List<String> addresses(View view) {
        List<String> addresses = new ArrayList<>();
        for (Address member : view.getMembers()) {
            if (member instanceof ExtendedUUID named && named.get(HTTP) != null) {
                addresses.add(new String(named.get(HTTP), StandardCharsets.UTF_8));
            }
        }
        return addresses;
    }

    private static List<Protocol> protocols(ClusterConfig config, MemberSockets sockets) throws Exception {
        TCP tcp = new TCP();
        tcp.setBindAddress(InetAddress.getByName(config.host()));
        tcp.setBindPort(config.port());
        tcp.setPortRange(0);
        tcp.enableSuspectEvents(true);
        tcp.setSocketFactory(sockets);
        // virtual threads, the default of 5.5.2, would send no heartbeats while all carriers are frozen
        tcp.useVirtualThreads(false);
        // silence is noticed within two thirds of the time, and asked about for a sixth of it
        long beat = config.goneAfter().toMillis() / BEATS;
        return List.of(tcp,
                       new Discovery(new MemberAddresses(config)),
                       new MERGE3().setMinInterval(MERGE_MILLIS).setMaxInterval(2 * MERGE_MILLIS),
                       new FD_ALL3().setTimeout((BEATS - 2) * beat).setInterval(beat),
                       new VERIFY_SUSPECT2().setTimeout(beat),
                       new NAKACK2(),
                       new UNICAST3(),
                       new STABLE(),
                       new GMS().printLocalAddress(false).setJoinTimeout(JOIN_MILLIS));
    }
}
