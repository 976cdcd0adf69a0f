package dev.hangup.internal.response;

import io.helidon.http.media.MediaContext;
import io.helidon.http.media.MediaSupport;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class HelidonMediaTest {
    /** As two servers of one JVM may have. */
    @Test
    void contextsInTurnAreDistinguished() {
        MediaContext helidon = MediaContext.create();
        MediaContext application = MediaContext.builder().addMediaSupport(new OfAnApplication()).build();
        for (int i = 0; i < 2; i++) {
            assertTrue(HelidonMedia.writesTexts(helidon));
            assertFalse(HelidonMedia.writesTexts(application));
        }
    }

    private static final class OfAnApplication implements MediaSupport {
        @Override
        public String name() {
            return "of an application";
        }

        @Override
        public String type() {
            return name();
        }
    }
}
