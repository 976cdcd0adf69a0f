package dev.hangup.internal.carriers;

import java.util.stream.Stream;

import dev.hangup.testing.RawClient;
import dev.hangup.testing.Transport;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/** What the documents say to set on JDK 21 to 23, where there is no guard: more carriers from the start. */
class StartParameterTest {
    private static final int HOLDING = 16;

    @ParameterizedTest
    @ValueSource(strings = {"deaf", "synchronized"})
    void asManyFreezeNobodyAsItLeavesRoomFor(String kind) {
        try (FrozenJvm jvm = FrozenJvm.start(Transport.CLEAR, false, "-Djdk.virtualThreadScheduler.parallelism=64")) {
            Stream.generate(jvm::connect).limit(HOLDING).forEach(it -> it.get("/" + kind + "?seconds=300"));
            jvm.trail().await("started " + kind, HOLDING);
            for (int i = 0; i < 10; i++) {
                try (RawClient other = jvm.connect()) {
                    assertEquals("trivial", other.get("/trivial").read().text());
                }
            }
            assertFalse(jvm.trail().events().contains("ended " + kind));
        }
    }
}
