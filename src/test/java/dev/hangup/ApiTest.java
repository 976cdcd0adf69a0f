package dev.hangup;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * Compares what other modules can name and call with a baseline, so that no change of it is made unawares. A line for each type
 * and for each of its members; what a type inherits from one that others cannot name counts as its own.
 */
class ApiTest {
    private static final Path BASELINE = Path.of("src/test/resources/api.txt");
    private static final String RENEW = "./mvnw -q test -Dtest=ApiTest -Dhangup.api=renew";

    private final ExportedTypes module = new ExportedTypes();

    @Test
    void apiIsThatOfTheBaseline() throws IOException {
        List<String> api = api();
        if ("renew".equals(System.getProperty("hangup.api"))) {
            Files.write(BASELINE, api);
        }
        List<String> baseline = Files.readAllLines(BASELINE);
        assertEquals(List.of(), difference(baseline, api), "gone from the public API. If that is meant: " + RENEW);
        assertEquals(List.of(), difference(api, baseline), "new in the public API. If that is meant: " + RENEW);
        assertEquals(baseline, api, "the order of " + BASELINE + ". Renew it: " + RENEW);
    }

    private List<String> api() throws IOException {
        List<String> lines = new ArrayList<>();
        for (String name : module.descriptor().exports().stream().map(ModuleDescriptor.Exports::source).sorted().toList()) {
            Set<String> types = new TreeSet<>();
            for (Class<?> type : module.in(name)) {
                Stream<String> members = Stream.concat(Stream.of(type), hiddenAncestors(type).stream())
                        .flatMap(it -> members(it, type))
                        .map(it -> type.getName() + " : " + it);
                types.add(header(type));
                members.forEach(types::add);
            }
            lines.addAll(types);
        }
        return lines;
    }

    private static String header(Class<?> type) {
        String kind = type.isInterface() ? "interface" : type.isEnum() ? "enum" : type.isRecord() ? "record" : "class";
        List<Type> supertypes = new ArrayList<>(List.of(type.getGenericInterfaces()));
        if (type.getGenericSuperclass() != null) {
            supertypes.addFirst(type.getGenericSuperclass());
        }
        supertypes.remove(Object.class);
        String header = type.getName() + " = " + modifiers(type.getModifiers()) + (type.isSealed() ? "sealed " : "")
                + kind + " " + parameters(type.getTypeParameters())
                + (supertypes.isEmpty() ? "" : "extends " + names(supertypes));
        return header.strip();
    }

    private static Stream<String> members(Class<?> from, Class<?> type) {
        Stream<String> fields = Arrays.stream(from.getDeclaredFields())
                .filter(it -> !it.isSynthetic() && isCallable(it.getModifiers(), type))
                .map(ApiTest::field);
        Stream<String> constructors = from != type ? Stream.of() : Arrays.stream(from.getDeclaredConstructors())
                .filter(it -> !it.isSynthetic() && isCallable(it.getModifiers(), type))
                .map(ApiTest::constructor);
        Stream<String> methods = Arrays.stream(from.getDeclaredMethods())
                .filter(it -> !it.isSynthetic() && isCallable(it.getModifiers(), type))
                .map(ApiTest::method);
        return Stream.of(fields, constructors, methods).flatMap(it -> it);
    }

    private static boolean isCallable(int modifiers, Class<?> type) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers) && !Modifier.isFinal(type.getModifiers());
    }

    private static String field(Field field) {
        return modifiers(field.getModifiers()) + field.getGenericType().getTypeName() + " " + field.getName();
    }

    private static String constructor(Constructor<?> constructor) {
        return modifiers(constructor.getModifiers()) + "new" + callOf(constructor);
    }

    private static String method(Method method) {
        return modifiers(method.getModifiers()) + (method.isDefault() ? "default " : "") + parameters(method.getTypeParameters())
                + method.getGenericReturnType().getTypeName() + " " + method.getName() + callOf(method);
    }

    private static String callOf(Executable executable) {
        String exceptions = names(List.of(executable.getGenericExceptionTypes()));
        return "(" + names(List.of(executable.getGenericParameterTypes())) + ")"
                + (exceptions.isEmpty() ? "" : " throws " + exceptions);
    }

    /** Without those that say how something is implemented. */
    private static String modifiers(int modifiers) {
        String words = Modifier.toString(modifiers & (Modifier.PUBLIC | Modifier.PROTECTED | Modifier.STATIC | Modifier.FINAL
                                                      | Modifier.ABSTRACT));
        return words.isEmpty() ? "" : words + " ";
    }

    private static String parameters(TypeVariable<?>[] parameters) {
        return parameters.length == 0 ? "" : Arrays.stream(parameters)
                .map(it -> it.getName() + " extends " + names(List.of(it.getBounds())))
                .collect(Collectors.joining(", ", "<", "> "));
    }

    private static String names(List<Type> types) {
        return types.stream().map(Type::getTypeName).collect(Collectors.joining(", "));
    }

    /** Supertypes that others cannot name, but whose members they can call. */
    private Set<Class<?>> hiddenAncestors(Class<?> type) {
        Set<Class<?>> hidden = new LinkedHashSet<>();
        Stream.concat(Stream.ofNullable(type.getSuperclass()), Stream.of(type.getInterfaces()))
                .filter(it -> it.getName().startsWith("dev.hangup.") && !ExportedTypes.isAccessible(it))
                .forEach(it -> {
                    hidden.add(it);
                    hidden.addAll(hiddenAncestors(it));
                });
        return hidden;
    }

    private static List<String> difference(List<String> of, List<String> without) {
        List<String> rest = new ArrayList<>(of);
        rest.removeAll(Set.copyOf(without));
        return rest;
    }
}
