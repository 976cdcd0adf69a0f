package dev.hangup.isolated;

import java.lang.invoke.MethodHandle;
import java.lang.reflect.Array;
import java.util.Optional;

/**
 * Functions of the C library. The API for them has been final since JDK 22, and was a preview API in JDK 21. A class compiled
 * against the preview API would run on no other release, so the API is called by reflection.
 */
final class NativeFunction {
    private static final String API = "java.lang.foreign.";

    private NativeFunction() {
    }

    /** Returns a function without parameters that returns an {@code int}. */
    static MethodHandle of(String name) throws ReflectiveOperationException {
        return handle(name, descriptor(), options());
    }

    /** Returns a function that takes an {@code int} and, as a variadic argument, a {@code long}, and returns an {@code int}. */
    static MethodHandle variadic(String name) throws ReflectiveOperationException {
        Object variadic = type("Linker$Option").getMethod("firstVariadicArg", int.class).invoke(null, 1);
        return handle(name, descriptor("JAVA_INT", "JAVA_LONG"), options(variadic));
    }

    private static MethodHandle handle(String name, Object descriptor, Object options) throws ReflectiveOperationException {
        Class<?> linkers = type("Linker");
        Object linker = linkers.getMethod("nativeLinker").invoke(null);
        Object lookup = linkers.getMethod("defaultLookup").invoke(linker);
        Optional<?> address = (Optional<?>) type("SymbolLookup").getMethod("find", String.class).invoke(lookup, name);
        return (MethodHandle) linkers
                .getMethod("downcallHandle", type("MemorySegment"), type("FunctionDescriptor"), options.getClass())
                .invoke(linker, address.orElseThrow(), descriptor, options);
    }

    private static Object descriptor(String... parameters) throws ReflectiveOperationException {
        Class<?> layout = type("MemoryLayout");
        Object layouts = Array.newInstance(layout, parameters.length);
        for (int i = 0; i < parameters.length; i++) {
            Array.set(layouts, i, layout(parameters[i]));
        }
        return type("FunctionDescriptor").getMethod("of", layout, layouts.getClass()).invoke(null, layout("JAVA_INT"), layouts);
    }

    private static Object layout(String name) throws ReflectiveOperationException {
        return type("ValueLayout").getField(name).get(null);
    }

    private static Object options(Object... options) throws ClassNotFoundException {
        Object array = Array.newInstance(type("Linker$Option"), options.length);
        System.arraycopy(options, 0, array, 0, options.length);
        return array;
    }

    private static Class<?> type(String name) throws ClassNotFoundException {
        return Class.forName(API + name);
    }
}
