package dev.hangup.isolated;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Exceptions as bytes: types, messages, stack traces and causes, and no more of each than is bearable. Suppressed ones are
 * left out.
 */
final class Thrown {
    private static final int MAX_CAUSES = 8;
    private static final int MAX_FRAMES = 256;
    private static final int MAX_MESSAGE = 8 * 1024;
    private static final int MAX_NAME = 1024;

    private Thrown() {
    }

    /** In the worker. */
    static byte[] write(Throwable thrown) {
        try {
            return bytes(thrown);
        } catch (RuntimeException | Error e) {
            // its own code is asked for its message and its cause
            return bytes(new IllegalStateException(thrown.getClass().getName() + " cannot be told of: "
                                                           + e.getClass().getName()));
        }
    }

    /** In the server. */
    static Throwable read(byte[] bytes) throws IOException {
        DataInputStream input = new DataInputStream(new ByteArrayInputStream(bytes));
        if (!input.readBoolean()) {
            throw new IOException("Nothing was thrown");
        }
        return read(input, MAX_CAUSES);
    }

    private static byte[] bytes(Throwable thrown) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream output = new DataOutputStream(bytes);
        try {
            Throwable next = thrown;
            for (int i = 0; i < MAX_CAUSES && next != null; i++) {
                output.writeBoolean(true);
                writeOne(output, next);
                next = next.getCause();
            }
            output.writeBoolean(false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void writeOne(DataOutputStream output, Throwable thrown) throws IOException {
        output.writeUTF(cut(thrown.getClass().getName(), MAX_NAME));
        String message = thrown.getMessage();
        output.writeBoolean(message != null);
        output.writeUTF(message == null ? "" : cut(message, MAX_MESSAGE));
        StackTraceElement[] trace = thrown.getStackTrace();
        int frames = Math.min(trace.length, MAX_FRAMES);
        output.writeShort(frames);
        for (int i = 0; i < frames; i++) {
            output.writeUTF(cut(trace[i].getClassName(), MAX_NAME));
            output.writeUTF(cut(trace[i].getMethodName(), MAX_NAME));
            output.writeUTF(trace[i].getFileName() == null ? "" : cut(trace[i].getFileName(), MAX_NAME));
            output.writeInt(trace[i].getLineNumber());
        }
    }

    private static String cut(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length - 3) + "...";
    }

    private static Throwable read(DataInputStream input, int causes) throws IOException {
        String type = input.readUTF();
        boolean hasMessage = input.readBoolean();
        String text = input.readUTF();
        int frames = input.readUnsignedShort();
        if (causes == 0 || frames > MAX_FRAMES) {
            throw new IOException("More was thrown than a worker says");
        }
        StackTraceElement[] trace = new StackTraceElement[frames];
        for (int i = 0; i < frames; i++) {
            String className = input.readUTF();
            String methodName = input.readUTF();
            String fileName = input.readUTF();
            trace[i] = new StackTraceElement(className, methodName, fileName.isEmpty() ? null : fileName, input.readInt());
        }
        Throwable cause = input.readBoolean() ? read(input, causes - 1) : null;
        Throwable thrown = Remade.of(type, hasMessage ? text : null, cause);
        thrown.setStackTrace(trace);
        return thrown;
    }
}
