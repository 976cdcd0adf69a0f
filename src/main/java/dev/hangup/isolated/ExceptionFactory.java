package dev.hangup.isolated;

import java.lang.reflect.Constructor;
import java.util.Objects;

/** Makes exceptions anew, by their public constructors, from what a worker tells of them. */
final class ExceptionFactory {
    private ExceptionFactory() {
    }

    /** An exception of that type, message and cause; or an {@link IsolatedException} that tells of it. */
    static Throwable of(String typeName, String message, Throwable cause) {
        try {
            // not initialised before it is known to be an exception: the name is the worker's
            Class<?> type = Class.forName(typeName, false, ExceptionFactory.class.getClassLoader());
            if (Throwable.class.isAssignableFrom(type) && type != InterruptedException.class) {
                Throwable made = make(type.asSubclass(Throwable.class), message, cause);
                if (made != null && Objects.equals(made.getMessage(), message) && made.getCause() == cause) {
                    return made;
                }
            }
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            // told of, then
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
