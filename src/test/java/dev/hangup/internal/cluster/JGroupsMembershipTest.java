package dev.hangup.internal.cluster;

import java.time.Duration;
import java.util.List;

import dev.hangup.cluster.ClusterConfig;
import dev.hangup.cluster.ClusterKeys;
import dev.hangup.testing.FreePorts;
import dev.hangup.testing.LiveThreads;

import io.helidon.common.tls.Tls;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What a member of a cluster runs on. */
class JGroupsMembershipTest {
    /** Is part of the names of JGroups' threads. */
    private static final String CLUSTER = "membership-test";

    private JGroupsMembership membership;

    @BeforeEach
    void join() throws Exception {
        Tls tls = ClusterKeys.generate().tls();
        ClusterConfig config = ClusterConfig.builder().name(CLUSTER).port(FreePorts.one()).goneAfter(Duration.ofSeconds(20))
                .tls(tls).build();
        membership = new JGroupsMembership(config, tls, "127.0.0.1:1");
        membership.join(members -> { }, message -> { });
    }

    @AfterEach
    void leave() {
        membership.close();
    }

    /** While all carriers are frozen, a virtual thread would send no heartbeats, and the member would be taken for gone. */
    @Test
    void threadsArePlatformThreads() {
        List<Thread> threads = LiveThreads.now().filter(it -> it.getName().contains(CLUSTER)).toList();
        assertTrue(threads.stream().anyMatch(it -> it.getName().startsWith("TcpServer.Acceptor")), threads::toString);
        assertEquals(List.of(), threads.stream().filter(Thread::isVirtual).toList());
    }
}
