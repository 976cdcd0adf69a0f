package dev.hangup.internal.address;

import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Nothing that a client has sent changes how the words of the proxy behind it are read. */
class ForwardedForTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '!', textBlock = """
            for=192.0.2.7                                    | 192.0.2.7
            For=192.0.2.7;proto=https;by=10.0.0.1            | 192.0.2.7
            proto=https; for="[2001:db8::1]:4711"            | [2001:db8::1]:4711
            for=192.0.2.1, for=192.0.2.2                     | 192.0.2.2 192.0.2.1
            for=" , for=192.0.2.2                            | 192.0.2.2 -
            "for=6.6.6.6;host=a, for=192.0.2.2               | 192.0.2.2 -
            for=192.0.2.2;host="a,for=6.6.6.6"               | 192.0.2.2
            for=192.0.2.2;host="a;for=6.6.6.6"               | 192.0.2.2
            for=192.0.2.2;host="a\\",for=6.6.6.6,\\"b"       | -
            for=192.0.2.2;for=6.6.6.6                        | -
            host=a                                           | -
            for=unknown                                      | unknown
            =                                                | -""")
    void forwarded(String header, String hops) {
        assertEquals(hops(hops), ForwardedFor.of(List.of(header)));
    }

    @Test
    void laterLinesAreNearer() {
        assertEquals(hops("3 2 1"), ForwardedFor.of(List.of("for=1, for=2", "for=3")));
        assertEquals(hops("3 2 1"), ForwardedFor.ofPlain(List.of("1, 2", "3")));
    }

    @Test
    void quotesMeanNothingInTheOtherHeader() {
        assertEquals(List.of("192.0.2.2", "\"6.6.6.6"), ForwardedFor.ofPlain(List.of("\"6.6.6.6, 192.0.2.2")));
    }

    @Test
    void headerOfAnyLengthIsRead() {
        ForwardedFor.of(List.of("for=\"" + "\\a".repeat(1_000_000) + "\""));
        ForwardedFor.of(List.of("a".repeat(1_000_000), ";".repeat(1_000_000), "\"".repeat(1_000_000)));
    }

    private static List<String> hops(String text) {
        return Arrays.stream(text.split(" ")).map(it -> it.equals("-") ? "" : it).toList();
    }
}
