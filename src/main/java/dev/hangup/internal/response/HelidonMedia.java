package dev.hangup.internal.response;

import io.helidon.http.media.MediaContext;
import io.helidon.http.media.MediaSupport;
import io.helidon.http.media.StringSupport;

/** Recognizes Helidon's own media writers. An application's own may compute or wait before they write. */
final class HelidonMedia {
    private static final String HELIDON = "io.helidon.";
    /** The class of Helidon's own media contexts, which is not public. */
    private static final Class<?> CONTEXT = MediaContext.builder().mediaSupportsDiscoverServices(false).build().getClass();

    /** The latest finding. Nearly all responses of a server have the same media context. Any thread may replace it. */
    private static volatile Finding latest = new Finding(null, false);

    private HelidonMedia() {
    }

    /**
     * Whether {@link StringSupport} writes texts. It takes precedence over all other media supports of Helidon's (4.5.0), wherever
     * it stands, but not over an application's own that stands before it.
     */
    static boolean writesTexts(MediaContext media) {
        Finding known = latest;
        if (known.media != media) {
            known = new Finding(media, find(media));
            latest = known;
        }
        return known.writesTexts;
    }

    private static boolean find(MediaContext media) {
        if (media.getClass() != CONTEXT) {
            return false;
        }
        for (MediaSupport support : media.prototype().mediaSupports()) {
            Class<?> type = support.getClass();
            if (type == StringSupport.class || !type.getName().startsWith(HELIDON)) {
                return type == StringSupport.class;
            }
        }
        return false;
    }

    private record Finding(MediaContext media, boolean writesTexts) {
    }
}
