package dev.hangup.deploy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** The demo as Maven packages it, made of what was compiled for the tests, in a folder as the image has it. */
final class PackagedDemo {
    private static final Path CLASSES = Path.of("target/classes");
    private static final Path LIBS = Path.of("target/libs");
    private static final int RELEASE = Runtime.version().feature();

    private PackagedDemo() {
    }

    /** Lays what the Containerfile copies into a folder. */
    static void layInto(Path folder) throws IOException {
        for (String source : Containerfile.read().sources(RELEASE)) {
            Path file = Path.of(source);
            Path target = folder.resolve(file.getFileName());
            switch (source) {
            case "target/hangup-demo.jar" -> jar(target, manifest(), PackagedDemo::isDemo);
            case "target/libs" -> copyAll(Files.createDirectories(target));
            default -> {
                if (file.startsWith("target")) {
                    jar(target, new Manifest(), it -> !isDemo(it));
                } else {
                    Files.copy(file, target);
                }
            }
            }
        }
    }

    private static boolean isDemo(String entry) {
        return entry.startsWith("dev/hangup/demo/") || entry.equals("application.yaml") || entry.equals("logging.properties");
    }

    private static Manifest manifest() throws IOException {
        StringBuilder classPath = new StringBuilder("hangup-jdk" + RELEASE + ".jar");
        for (Path lib : list(LIBS)) {
            classPath.append(" libs/").append(lib.getFileName());
        }
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, "dev.hangup.demo.Main");
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classPath.toString());
        return manifest;
    }

    private static void jar(Path jar, Manifest manifest, Predicate<String> included) throws IOException {
        manifest.getMainAttributes().putIfAbsent(Attributes.Name.MANIFEST_VERSION, "1.0");
        try (OutputStream out = Files.newOutputStream(jar); JarOutputStream entries = new JarOutputStream(out, manifest);
                Stream<Path> files = Files.walk(CLASSES)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                String name = CLASSES.relativize(file).toString();
                if (included.test(name)) {
                    entries.putNextEntry(new JarEntry(name));
                    Files.copy(file, entries);
                }
            }
        }
    }

    private static void copyAll(Path target) throws IOException {
        for (Path lib : list(LIBS)) {
            Files.copy(lib, target.resolve(lib.getFileName()));
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }
}
