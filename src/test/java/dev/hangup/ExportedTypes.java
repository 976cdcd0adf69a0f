package dev.hangup;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import io.helidon.builder.api.Prototype;

/** The types that other modules can name, by the descriptor that was compiled. */
final class ExportedTypes {
    private final Path classes;
    private final ModuleDescriptor descriptor;

    ExportedTypes() {
        try {
            classes = Path.of(Hangup.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
        try (InputStream input = Files.newInputStream(classes.resolve("module-info.class"))) {
            descriptor = ModuleDescriptor.read(input);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    Path classes() {
        return classes;
    }

    ModuleDescriptor descriptor() {
        return descriptor;
    }

    List<Class<?>> in(String packageName) throws IOException {
        try (Stream<Path> files = Files.list(classes.resolve(packageName.replace('.', '/')))) {
            return files.map(it -> it.getFileName().toString())
                    .filter(it -> it.endsWith(".class") && !it.equals("package-info.class"))
                    .<Class<?>>map(it -> load(packageName + "." + it.substring(0, it.length() - ".class".length())))
                    .filter(ExportedTypes::isAccessible)
                    .toList();
        }
    }

    static boolean isAccessible(Class<?> type) {
        for (Class<?> each = type; each != null; each = each.getEnclosingClass()) {
            if (each.getCanonicalName() == null || (each.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED)) == 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether the type was generated inside of a prototype, where it has the same shape for each. */
    static boolean isGenerated(Class<?> type) {
        return type.getEnclosingClass() != null && Prototype.Api.class.isAssignableFrom(outermost(type));
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, ExportedTypes.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static Class<?> outermost(Class<?> type) {
        return type.getEnclosingClass() == null ? type : outermost(type.getEnclosingClass());
    }
}
