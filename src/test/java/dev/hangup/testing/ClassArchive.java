package dev.hangup.testing;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.Deflater;

/**
 * An archive of the classes that servers load (class-data sharing): those of the JDK, of Helidon, and of the build itself, for
 * which it packs these into jars. The first JVM of the tests that needs it makes it, and all others use it, for as long as
 * classes and JDK stay the same. It is for {@link ChildJvm}.
 */
final class ClassArchive {
    private static final Path FOLDER = Path.of("target").toAbsolutePath().resolve("class-archive");
    private static final Path FILE = FOLDER.resolve("classes.jsa");
    /** Whether it has classes that are linked (JEP 483), with which it saves more. */
    private static final boolean LINKED = Runtime.version().feature() >= 25;
    /** What the archive is of. */
    private static final Path SOURCE = FOLDER.resolve("source");
    /** The directories of the class path, each of which becomes a jar. */
    private static final List<Path> DIRECTORIES = elements(false).map(Path::of).toList();
    private static final boolean MADE = make();

    private ClassArchive() {
    }

    /** The options of a JVM that uses it, if it was made. A JVM that cannot use it starts without it and prints no warning. */
    static List<String> options() {
        return MADE ? List.of("-XX:SharedArchiveFile=" + FILE, "-Xlog:" + (LINKED ? "aot=off,cds" : "cds") + "=off",
                              "-Xlog:class+path=off", "-cp", archived())
                : List.of("-cp", System.getProperty("java.class.path"));
    }

    private static boolean make() {
        // the tests run in several JVMs
        try {
            Files.createDirectories(FOLDER);
            try (FileChannel channel = FileChannel.open(FOLDER.resolve("lock"), StandardOpenOption.CREATE,
                                                        StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                String source = source();
                if (!Files.exists(SOURCE) || !Files.readString(SOURCE).equals(source)) {
                    Files.deleteIfExists(SOURCE);
                    for (Path directory : DIRECTORIES) {
                        pack(directory, jar(directory));
                    }
                    Path list = FOLDER.resolve("list");
                    listClasses(list);
                    dump(list);
                    Files.writeString(SOURCE, source);
                }
                return true;
            }
        } catch (IOException | UncheckedIOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** The JDK, the JVM's options, and the files with their times: an archive is for these only. */
    private static String source() throws IOException {
        StringBuilder source = new StringBuilder(Runtime.version() + "\n" + ChildJvm.INHERITED + "\n");
        for (String element : Stream.concat(DIRECTORIES.stream().map(Path::toString), elements(true)).toList()) {
            try (Stream<Path> files = Files.walk(Path.of(element))) {
                files.filter(Files::isRegularFile)
                        .sorted()
                        .forEach(it -> source.append(it).append(' ').append(it.toFile().lastModified()).append('\n'));
            }
        }
        return source.toString();
    }

    private static Stream<String> elements(boolean jars) {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(it -> it.endsWith(".jar") == jars && Files.exists(Path.of(it)));
    }

    private static String archived() {
        return Stream.concat(DIRECTORIES.stream().map(it -> jar(it).toString()), elements(true))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static Path jar(Path directory) {
        return FOLDER.resolve(directory.getFileName() + ".jar");
    }

    private static void pack(Path directory, Path jar) throws IOException {
        // JVMs that use the one before still read it
        Path unfinished = FOLDER.resolve("unfinished");
        try (JarOutputStream output = new JarOutputStream(Files.newOutputStream(unfinished));
                Stream<Path> files = Files.walk(directory)) {
            output.setLevel(Deflater.NO_COMPRESSION);
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                output.putNextEntry(new JarEntry(directory.relativize(file).toString().replace(File.separatorChar, '/')));
                Files.copy(file, output);
            }
        }
        Files.move(unfinished, jar, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Runs the demo, which loads what most servers load, until it has answered a request. */
    private static void listClasses(Path list) throws IOException {
        Process demo = start("-XX:DumpLoadedClassList=" + list, "-Dserver.port=0", "-cp", archived(), "dev.hangup.demo.Main");
        // a demo that prints nothing must not be waited for
        demo.onExit().orTimeout(2, TimeUnit.MINUTES).exceptionally(late -> demo.destroyForcibly());
        try (BufferedReader output = demo.inputReader()) {
            String begin = "Hangup listens on ";
            URI address = output.lines()
                    .filter(it -> it.startsWith(begin))
                    .map(it -> URI.create(it.substring(begin.length()).replaceFirst("\\. .*", "")))
                    .findFirst()
                    .orElseThrow(() -> new IOException("The demo has not started"));
            try (RawClient client = RawClient.connect(address.getPort())) {
                client.get("/with-context?seconds=0.01").read();
            }
        } finally {
            demo.destroyForcibly();
        }
    }

    private static void dump(Path list) throws IOException, InterruptedException {
        Path unfinished = FOLDER.resolve("unfinished");
        List<String> options = new ArrayList<>(List.of("-Xshare:dump", "-XX:SharedClassListFile=" + list,
                                                       "-XX:SharedArchiveFile=" + unfinished));
        if (LINKED) {
            options.add("-XX:+AOTClassLinking");
        }
        options.addAll(List.of("-cp", archived()));
        Process dump = start(options.toArray(String[]::new));
        dump.getInputStream().transferTo(OutputStream.nullOutputStream());
        if (dump.waitFor() != 0) {
            throw new IOException("No archive was made");
        }
        Files.move(unfinished, FILE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Process start(String... arguments) throws IOException {
        List<String> line = new ArrayList<>(ChildJvm.OPTIONS);
        line.addAll(List.of(arguments));
        return ChildJvm.builder(line).redirectErrorStream(true).start();
    }
}
