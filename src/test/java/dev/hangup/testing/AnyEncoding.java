package dev.hangup.testing;

import java.util.Set;

import io.helidon.http.encoding.ContentDecoder;
import io.helidon.http.encoding.ContentEncoder;
import io.helidon.http.encoding.ContentEncoding;
import io.helidon.http.encoding.ContentEncodingContext;

/** An encoding that changes nothing. Helidon refuses unknown encodings of requests, with 415, only if it knows at least one. */
public final class AnyEncoding implements ContentEncoding {
    /** The encodings of a server with this one. */
    public static ContentEncodingContext context() {
        return ContentEncodingContext.builder()
                .contentEncodingsDiscoverServices(false)
                .addContentEncoding(new AnyEncoding())
                .build();
    }

    @Override
    public Set<String> ids() {
        return Set.of("any");
    }

    @Override
    public boolean supportsEncoding() {
        return true;
    }

    @Override
    public boolean supportsDecoding() {
        return true;
    }

    @Override
    public ContentDecoder decoder() {
        return ContentDecoder.NO_OP;
    }

    @Override
    public ContentEncoder encoder() {
        return ContentEncoder.NO_OP;
    }

    @Override
    public String name() {
        return "any";
    }

    @Override
    public String type() {
        return "any";
    }
}
