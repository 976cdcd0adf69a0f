package dev.hangup.isolated;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/**
 * A jar with copies of the classes that every worker loads first, at the head of its class path. The JVM archives only classes
 * from jars, and uses an archive only if its class path begins with the same entries. The server's own class path may contain
 * directories, and may be long.
 */
final class WorkerJar {
    private static final List<Class<?>> CLASSES = List.of(WorkerMain.class, WorkerFrame.class, ExceptionCodec.class,
                                                          ParentDeathWatch.class, NativeFunction.class,
                                                          IsolatedException.class, IsolatedTask.class, CdsTraining.class);

    private WorkerJar() {
    }

    static void write(Path file) throws IOException {
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(file))) {
            for (Class<?> host : CLASSES) {
                for (Class<?> type : host.getNestMembers()) {
                    add(jar, type);
                }
            }
        }
    }

    private static void add(JarOutputStream jar, Class<?> type) throws IOException {
        String name = type.getName().replace('.', '/') + ".class";
        try (InputStream bytes = type.getClassLoader().getResourceAsStream(name)) {
            if (bytes == null) {
                throw new IOException(name + " cannot be read");
            }
            jar.putNextEntry(new JarEntry(name));
            bytes.transferTo(jar);
        }
    }
}
