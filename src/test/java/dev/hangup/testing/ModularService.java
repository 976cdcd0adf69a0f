package dev.hangup.testing;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.lang.module.ResolvedModule;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.tools.ToolProvider;

import dev.hangup.Hangup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The application of {@code src/test/resources/module-path}, in a JVM of its own whose class path is empty. What it says is in
 * its trail, line by line.
 */
public final class ModularService implements AutoCloseable {
    private static final String HANGUP = "dev.hangup";
    private static final Path SOURCES = Path.of("src/test/resources/module-path");

    private final Process process;
    private final Trail trail = new Trail();

    private ModularService(Process process) {
        this.process = process;
        Thread.ofVirtual().name("modular-service").start(() -> {
            try (BufferedReader lines = process.inputReader()) {
                lines.lines().forEach(trail::add);
            } catch (IOException | UncheckedIOException e) {
                trail.add(e.toString());
            }
        });
    }

    /**
     * Compiles and starts it, with the modules that it needs and no others.
     *
     * @param directory   empty
     * @param others      more modules, of the class path
     * @param replacement what to replace in the application's descriptor, and by what
     */
    public static ModularService start(Path directory, List<String> others, String... replacement) throws IOException {
        return start(directory, others, Map.of(), replacement);
    }

    /** As above, with its configuration. */
    public static ModularService start(Path directory, List<String> others, Map<String, String> settings, String... replacement)
            throws IOException {
        Path library = directory.resolve("hangup.jar");
        packageLibrary(library);
        List<Path> path = new ArrayList<>(modules(library, others));
        Path classes = directory.resolve("example");
        compile(directory, path, classes, replacement);
        path.add(classes);
        List<String> command = new ArrayList<>(List.of("--enable-preview", "--module-path", joined(path)));
        settings.forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.addAll(List.of("--module", "example/example.Service"));
        return new ModularService(ChildJvm.builder(command).redirectErrorStream(true).start());
    }

    /** What has been said. */
    public Trail trail() {
        return trail;
    }

    /** What follows some words on the first line that has them. */
    public String awaitValue(String words) {
        Await.untilBegun("a line with '" + words + "'", () -> value(words).isPresent() || !process.isAlive());
        return value(words).orElseThrow(() -> new AssertionError("It said " + trail.events()));
    }

    private Optional<String> value(String words) {
        return trail.events().stream()
                .filter(it -> it.contains(words))
                .map(it -> it.substring(it.indexOf(words) + words.length()))
                .findFirst();
    }

    /** Connects in clear text, when it listens. */
    public RawClient connect() {
        return RawClient.connect(Integer.parseInt(awaitValue("port ")));
    }

    /** Has it stop, and waits until it has. */
    public void stop() throws IOException, InterruptedException {
        process.getOutputStream().close();
        assertTrue(process.waitFor(Await.TIME.toSeconds(), TimeUnit.SECONDS), () -> "It said " + trail.events());
        assertEquals(0, process.exitValue(), () -> "It said " + trail.events());
        trail.await("stopped");
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** As the build does, which does so later: without the demo. */
    private static void packageLibrary(Path jar) throws IOException {
        Path classes = Path.of(uri());
        try (JarOutputStream output = new JarOutputStream(Files.newOutputStream(jar)); Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = classes.relativize(file).toString().replace(File.separatorChar, '/');
                if (name.equals("module-info.class") || name.startsWith("dev/hangup/") && !name.startsWith("dev/hangup/demo/")) {
                    output.putNextEntry(new JarEntry(name));
                    Files.copy(file, output);
                }
            }
        }
    }

    private static URI uri() {
        try {
            return Hangup.class.getProtectionDomain().getCodeSource().getLocation().toURI();
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** The library, and what it and the others require, optional modules left out. */
    private static List<Path> modules(Path library, List<String> others) {
        List<Path> observable = new ArrayList<>(List.of(library));
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(it -> ModuleFinder.of(it).findAll().stream()
                        .map(ModuleReference::descriptor)
                        .anyMatch(module -> !module.isAutomatic() || others.contains(module.name())))
                .filter(it -> it.toString().endsWith(".jar"))
                .forEach(observable::add);
        Set<String> roots = new HashSet<>(others);
        roots.add(HANGUP);
        return ModuleLayer.boot().configuration()
                .resolve(ModuleFinder.of(observable.toArray(Path[]::new)), ModuleFinder.of(), roots)
                .modules()
                .stream()
                .map(ResolvedModule::reference)
                .map(it -> Path.of(it.location().orElseThrow()))
                .toList();
    }

    private static void compile(Path directory, List<Path> path, Path classes, String... replacement) throws IOException {
        Path descriptor = directory.resolve("module-info.java");
        String text = Files.readString(SOURCES.resolve("module-info.java"));
        Files.writeString(descriptor, replacement.length == 0 ? text : text.replace(replacement[0], replacement[1]));
        List<String> arguments = List.of(
                "-d", classes.toString(), "--module-path", joined(path), descriptor.toString(),
                SOURCES.resolve("example/Service.java").toString(), SOURCES.resolve("example/Endless.java").toString());
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, errors, arguments.toArray(String[]::new)),
                     errors::toString);
    }

    private static String joined(List<Path> path) {
        return path.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }
}
