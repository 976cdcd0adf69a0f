package dev.hangup.parity;

import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** How requests are framed: what Helidon refuses is refused in the same words, and what it takes is taken. */
class FramingParityTest {
    private static final String CHUNKED = "Transfer-Encoding: chunked\r\n";
    private static final String LAST = "0\r\n\r\n";

    @TestFactory
    Stream<DynamicTest> lengths() {
        return framed(List.of("Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5, 6\r\n",
                              "Content-Length: 5\r\nContent-Length: 5\r\n", "Content-Length: 5, 5\r\n",
                              "Content-Length: 0\r\nContent-Length: 5\r\n", "Content-Length: \r\n",
                              "Content-Length: -5\r\n", "Content-Length: +5\r\n", "Content-Length: 0x5\r\n",
                              "Content-Length: 5 5\r\n", "Content-Length: 99999999999999999999\r\n",
                              "Content-Length: 005\r\n"), "hello");
    }

    @TestFactory
    Stream<DynamicTest> transferEncodings() {
        return framed(List.of("Content-Length: 5\r\n" + CHUNKED, CHUNKED + "Content-Length: 5\r\n",
                              "Transfer-Encoding: gzip\r\n", "Transfer-Encoding: gzip, chunked\r\n",
                              "Transfer-Encoding: chunked, gzip\r\n", CHUNKED + CHUNKED,
                              "Transfer-Encoding: chunked, chunked\r\n", "Transfer-Encoding: identity\r\n",
                              "Transfer-Encoding: \r\n", "Transfer-Encoding: \r\nContent-Length: 5\r\n",
                              "Transfer-Encoding: CHUNKED\r\n", "Transfer-Encoding: \"chunked\"\r\n",
                              "Transfer-Encoding: chunked;q=1\r\n", "Transfer-Encoding: , chunked\r\n"), LAST);
    }

    @TestFactory
    Stream<DynamicTest> headers() {
        return framed(List.of("X: a\nContent-Length: 5\r\n", "X: a\rContent-Length: 5\r\n", "X\r: a\r\n", "X: a\r\r\n",
                              "Content-Length : 5\r\n", "Content-Length\t: 5\r\n", "X: a\r\n Content-Length: 5\r\n",
                              "Transfer-Encoding:\r\n chunked\r\n", "X: a\0b\r\n", "X\0: a\r\n", "nothing\r\n",
                              "Host: other\r\n"), "");
    }

    @TestFactory
    Stream<DynamicTest> chunks() {
        return Stream.of(LAST, "000\r\n\r\n", "5\r\nhello\r\n" + LAST, "A\r\n0123456789\r\n00b\r\n0123456789a\r\n" + LAST)
                .map(body -> same(CHUNKED, body));
    }

    private static Stream<DynamicTest> framed(List<String> headers, String body) {
        return headers.stream().map(it -> same(it, body));
    }

    private static DynamicTest same(String headers, String body) {
        return Parity.same((headers + body).replace("\r", "\\r").replace("\n", "\\n").replace("\0", "\\0"),
                           Parity.request("POST", "/", headers) + body,
                           scene -> scene.post((req, res) -> res.send(req.content().hasEntity()
                                                                              ? req.content().as(String.class)
                                                                              : "nothing")));
    }
}
