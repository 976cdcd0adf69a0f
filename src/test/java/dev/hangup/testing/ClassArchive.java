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
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An archive of the classes of Helidon and the JDK that servers load (class-data sharing), for {@link ChildJvm}. The first JVM
 * of the tests that needs it makes it, and all others use it, for as long as jars and JDK stay the same.
 */
final class ClassArchive {
    private static final Optional<Path> FILE = make();

    private ClassArchive() {
    }

    /** The archive, unless it could not be made. */
    static Optional<Path> file() {
        return FILE;
    }

    /** The options of a JVM that uses it. A JVM that cannot use the archive starts without it and prints no warning. */
    static List<String> options(Path archive) {
        return List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:cds=off", "-Xlog:class+path=off");
    }

    private static Optional<Path> make() {
        String jars = Arrays.stream(ChildJvm.classPath().split(File.pathSeparator))
                .filter(it -> it.endsWith(".jar"))
                .collect(Collectors.joining(File.pathSeparator));
        String name = "classes-" + Integer.toHexString((Runtime.version() + versions(jars)).hashCode());
        Path folder = Path.of("target").toAbsolutePath();
        Path archive = folder.resolve(name + ".jsa");
        // the tests run in several JVMs
        try (FileChannel channel = FileChannel.open(folder.resolve(name + ".lock"), StandardOpenOption.CREATE,
                                                    StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            if (!Files.exists(archive)) {
                Path list = folder.resolve(name + ".txt");
                Path unfinished = folder.resolve(name + ".unfinished");
                listClasses(list);
                dump(list, jars, unfinished);
                Files.move(unfinished, archive);
            }
            return Optional.of(archive);
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** The jars, and when each was written: an archive is for these only. */
    private static String versions(String jars) {
        return Stream.of(jars.split(File.pathSeparator)).map(it -> it + new File(it).lastModified()).collect(Collectors.joining());
    }

    /** Runs the demo, which loads what most servers load, until it has answered a request. */
    private static void listClasses(Path list) throws IOException {
        Process demo = start("-XX:DumpLoadedClassList=" + list, "-Dserver.port=0", "-cp", ChildJvm.classPath(),
                             "dev.hangup.demo.Main");
        // a demo that prints nothing must not be waited for
        demo.onExit().orTimeout(1, TimeUnit.MINUTES).exceptionally(late -> demo.destroyForcibly());
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

    private static void dump(Path list, String jars, Path archive) throws IOException, InterruptedException {
        Process dump = start("-Xshare:dump", "-XX:SharedClassListFile=" + list, "-XX:SharedArchiveFile=" + archive, "-cp", jars);
        dump.getInputStream().transferTo(OutputStream.nullOutputStream());
        if (dump.waitFor() != 0) {
            throw new IOException("No archive was made");
        }
    }

    private static Process start(String... arguments) throws IOException {
        List<String> line = new ArrayList<>(List.of("--enable-preview"));
        line.addAll(List.of(arguments));
        return ChildJvm.builder(line).redirectErrorStream(true).start();
    }
}
