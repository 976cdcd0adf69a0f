package dev.hangup.internal.connection;

import java.net.InetAddress;
import java.net.UnknownHostException;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

class ClientNetworkTest {
    @Test
    void addressesOfOneIpv6NetworkAreOneClient() throws UnknownHostException {
        assertEquals(key("2001:db8:0:1::1"), key("2001:db8:0:1:ffff:ffff:ffff:ffff"));
        assertNotEquals(key("2001:db8:0:1::1"), key("2001:db8:0:2::1"));
    }

    @Test
    void eachIpv4AddressIsAClientOfItsOwn() throws UnknownHostException {
        assertNotEquals(key("192.0.2.1"), key("192.0.2.2"));
        assertEquals(key("192.0.2.1"), key("::ffff:192.0.2.1"));
    }

    private static String key(String literal) throws UnknownHostException {
        return ClientNetwork.key(InetAddress.getByName(literal));
    }
}
