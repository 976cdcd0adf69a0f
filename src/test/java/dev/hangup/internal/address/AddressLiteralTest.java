package dev.hangup.internal.address;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Addresses as they are written by proxies. */
class AddressLiteralTest {
    @ParameterizedTest
    @CsvSource({
            "192.0.2.7,              192.0.2.7",
            "192.0.2.7:4711,         192.0.2.7",
            "[2001:db8::1],          2001:db8:0:0:0:0:0:1",
            "[2001:db8::1]:4711,     2001:db8:0:0:0:0:0:1",
            "2001:DB8::1,            2001:db8:0:0:0:0:0:1",
            "::ffff:192.0.2.7,       192.0.2.7"})
    void addresses(String text, String address) {
        assertEquals(address, AddressLiteral.parse(text).map(it -> it.address().getHostAddress()).orElse("none"));
    }

    @ParameterizedTest
    @CsvSource({
            "192.0.2.7,                 192.0.2.7",
            "192.0.2.7:4711,            192.0.2.7:4711",
            "192.0.2.7:_hidden,         192.0.2.7:_hidden",
            "2001:db8::1,               2001:db8:0:0:0:0:0:1",
            "[2001:db8::1]:4711,        2001:db8:0:0:0:0:0:1:4711"})
    void portsAreKept(String text, String withPort) {
        assertEquals(withPort, AddressLiteral.parse(text).map(ClientAddress::text).orElse("none"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "unknown", "_hidden", "localhost", "256.0.0.1", "999.1.1.1", "1.2.3", "1", "dead.beef", "::1::2",
            "cafe", "[::1", "1:2", "192.0.2.7 ", "[fe80::1%lo]"})
    void others(String text) {
        assertTrue(AddressLiteral.parse(text).isEmpty());
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.7, 192.0.2.7", "2001:db8::1, 2001:db8:0:0:0:0:0:1", "fe80::1%3, fe80:0:0:0:0:0:0:1%3"})
    void nameOfAnAddressIsDroppedAndItsScopeStays(String text, String address) throws UnknownHostException {
        InetAddress literal = InetAddress.getByName(text);
        InetAddress named = literal instanceof Inet6Address v6 && v6.getScopeId() > 0
                ? Inet6Address.getByAddress("10.evil.example", literal.getAddress(), v6.getScopeId())
                : InetAddress.getByAddress("10.evil.example", literal.getAddress());
        assertEquals("/" + address, AddressLiteral.withoutName(named).toString());
    }
}
