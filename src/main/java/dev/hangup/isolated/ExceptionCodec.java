package dev.hangup.isolated;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.util.Objects;

/**
 * Encodes exceptions as bytes: types, messages, stack traces, causes and suppressed exceptions, each within a bound.
 */
final class ExceptionCodec {
    /** The maximum depth of causes and suppressed exceptions; {@link #MAX_THROWN} is their maximum number. */
    private static final int MAX_DEPTH = 8;
    private static final int MAX_THROWN = 32;
    private static final int MAX_FRAMES = 256;
    private static final int MAX_MESSAGE = 8 * 1024;
    private static final int MAX_NAME = 1024;
    /** The number of bytes after which no further exception is written; the longest possible one still fits. */
    private static final int ENOUGH = WorkerFrame.MAX_THROWN / 2;

    /** The number of exceptions that may still follow. */
    private int left = MAX_THROWN;

    private ExceptionCodec() {
    }

    /** Encodes an exception, in the worker. */
    static byte[] write(Throwable thrown) {
        try {
            return new ExceptionCodec().bytes(thrown);
        } catch (RuntimeException | Error e) {
            // the exception's own code computes its message and cause
            return new ExceptionCodec().bytes(new IllegalStateException(thrown.getClass().getName() + " cannot be described: "
                                                                        + e.getClass().getName()));
        }
    }

    /** Decodes an exception, in the server. */
    static Throwable read(byte[] bytes) throws IOException {
        Throwable thrown = new ExceptionCodec().next(new DataInputStream(new ByteArrayInputStream(bytes)));
        if (thrown == null) {
            throw new IOException("The frame contains no exception");
        }
        return thrown;
    }

    private byte[] bytes(Throwable thrown) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            write(new DataOutputStream(bytes), thrown, MAX_DEPTH);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private void write(DataOutputStream output, Throwable thrown, int depth) throws IOException {
        if (thrown == null || depth == 0 || left == 0 || output.size() > ENOUGH) {
            output.writeBoolean(false);
            return;
        }
        left--;
        output.writeBoolean(true);
        writeOne(output, thrown);
        write(output, thrown.getCause(), depth - 1);
        if (depth > 1) {
            for (Throwable suppressed : thrown.getSuppressed()) {
                if (left > 0 && output.size() <= ENOUGH) {
                    write(output, suppressed, depth - 1);
                }
            }
        }
        // end of the exceptions
        output.writeBoolean(false);
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

    /** Decodes the next exception; {@code null} if there is none. */
    private Throwable next(DataInputStream input) throws IOException {
        if (!input.readBoolean()) {
            return null;
        }
        if (left-- == 0) {
            throw new IOException("More than " + MAX_THROWN + " exceptions");
        }
        String type = input.readUTF();
        boolean hasMessage = input.readBoolean();
        String text = input.readUTF();
        StackTraceElement[] trace = trace(input);
        Throwable thrown = recreate(type, hasMessage ? text : null, next(input));
        thrown.setStackTrace(trace);
        for (Throwable suppressed = next(input); suppressed != null; suppressed = next(input)) {
            thrown.addSuppressed(suppressed);
        }
        return thrown;
    }

    private static StackTraceElement[] trace(DataInputStream input) throws IOException {
        int frames = input.readUnsignedShort();
        if (frames > MAX_FRAMES) {
            throw new IOException("A stack trace has more than " + MAX_FRAMES + " frames: " + frames);
        }
        StackTraceElement[] trace = new StackTraceElement[frames];
        for (int i = 0; i < frames; i++) {
            String className = input.readUTF();
            String methodName = input.readUTF();
            String fileName = input.readUTF();
            trace[i] = new StackTraceElement(className, methodName, fileName.isEmpty() ? null : fileName, input.readInt());
        }
        return trace;
    }

    /** Creates an exception of that type, message and cause by a public constructor, or else an {@link IsolatedException}. */
    private static Throwable recreate(String typeName, String message, Throwable cause) {
        try {
            // not initialised before it is known to be an exception, since the worker chose the name
            Class<?> type = Class.forName(typeName, false, ExceptionCodec.class.getClassLoader());
            if (Throwable.class.isAssignableFrom(type) && type != InterruptedException.class) {
                Throwable made = make(type.asSubclass(Throwable.class), message, cause);
                if (made != null && Objects.equals(made.getMessage(), message) && made.getCause() == cause) {
                    return made;
                }
            }
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            // becomes an IsolatedException
        }
        return new IsolatedException(typeName, message, cause);
    }

    private static Throwable make(Class<? extends Throwable> type, String message, Throwable cause)
            throws ReflectiveOperationException {
        Constructor<? extends Throwable> withCause = null;
        for (Constructor<?> constructor : type.getConstructors()) {
            Class<?>[] parameters = constructor.getParameterTypes();
            if (parameters.length == 1 && parameters[0] == String.class && cause == null) {
                return type.cast(constructor.newInstance(message));
            }
            if (parameters.length == 2 && parameters[0] == String.class
                    && Throwable.class.isAssignableFrom(parameters[1]) && (cause == null || parameters[1].isInstance(cause))) {
                withCause = type.getConstructor(parameters);
            }
        }
        if (withCause != null) {
            return withCause.newInstance(message, cause);
        }
        return cause == null ? null : type.getConstructor(String.class).newInstance(message).initCause(cause);
    }
}
