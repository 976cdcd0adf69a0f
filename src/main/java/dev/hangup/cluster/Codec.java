package dev.hangup.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The form in which keys and results travel between the members of a cluster. Any thread may use an instance. All members must
 * use the same form, even while a new version of the application is rolled out. If the form changes, give the route another name.
 *
 * @param <T> the type of the values
 */
public interface Codec<T> {
    /**
     * Encodes a value. Equal keys must give equal bytes, or they would have different owners.
     *
     * @param value a value, not {@code null}
     * @return its bytes, not to be modified any more
     */
    byte[] encode(T value);

    /**
     * Decodes a value.
     *
     * @param bytes what {@link #encode} has returned on some member
     * @return the value
     * @throws IOException if the bytes do not encode a value
     */
    T decode(byte[] bytes) throws IOException;

    /** {@return the codec of strings, in UTF-8} */
    static Codec<String> text() {
        return new Codec<>() {
            @Override
            public byte[] encode(String value) {
                return value.getBytes(StandardCharsets.UTF_8);
            }

            @Override
            public String decode(byte[] bytes) throws CharacterCodingException {
                return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            }
        };
    }

    /** {@return the codec of byte arrays, which are not copied} */
    static Codec<byte[]> bytes() {
        return new Codec<>() {
            @Override
            public byte[] encode(byte[] value) {
                return value;
            }

            @Override
            public byte[] decode(byte[] bytes) {
                return bytes;
            }
        };
    }
}
