package dev.hangup.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Set;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.WritableHeaders;
import io.helidon.http.encoding.ContentDecoder;
import io.helidon.http.encoding.ContentEncoder;
import io.helidon.http.encoding.ContentEncoding;

/**
 * An encoding of bodies.
 *
 * @param name   as headers have it
 * @param encode wraps what is to be encoded
 * @param decode wraps what is to be decoded
 */
public record Encoding(String name, Encoder encode, Decoder decode) implements ContentEncoding {
    /** As Helidon's own, as the next one. */
    public static final Encoding GZIP = new Encoding("gzip", GZIPOutputStream::new);
    public static final Encoding DEFLATE = new Encoding("deflate", DeflaterOutputStream::new, InflaterInputStream::new);

    /** Decodes gzip only. */
    public Encoding(String name, Encoder encode) {
        this(name, encode, GZIPInputStream::new);
    }

    @Override
    public Set<String> ids() {
        return Set.of(name);
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
        return stream -> {
            try {
                return decode.decode(stream);
            } catch (IOException e) {
                throw new IllegalArgumentException(e);
            }
        };
    }

    @Override
    public ContentEncoder encoder() {
        return new ContentEncoder() {
            @Override
            public OutputStream apply(OutputStream stream) {
                try {
                    return encode.encode(stream);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }

            @Override
            public void headers(WritableHeaders<?> headers) {
                headers.add(HeaderValues.create(HeaderNames.CONTENT_ENCODING, name));
                headers.remove(HeaderNames.CONTENT_LENGTH);
            }
        };
    }

    @Override
    public String type() {
        return name;
    }

    /** Wraps a stream. */
    @FunctionalInterface
    public interface Encoder {
        /** Wraps it. */
        OutputStream encode(OutputStream stream) throws IOException;
    }

    /** Wraps what is to be decoded. */
    @FunctionalInterface
    public interface Decoder {
        InputStream decode(InputStream stream) throws IOException;
    }
}
