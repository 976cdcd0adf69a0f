package dev.hangup.internal.cluster;

import java.util.Optional;

import dev.hangup.internal.connection.Descriptors;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class InternalListenerTest {
    @Test
    void connectionsLeaveMostDescriptorsToOthers() {
        assertEquals(100, InternalListener.maxConnections(Optional.of(new Descriptors(1024, 224))));
    }

    @Test
    void connectionsAreBoundedWhereDescriptorsAreNot() {
        assertEquals(4096, InternalListener.maxConnections(Optional.of(new Descriptors(Long.MAX_VALUE, 0))));
        assertEquals(4096, InternalListener.maxConnections(Optional.empty()));
    }
}
