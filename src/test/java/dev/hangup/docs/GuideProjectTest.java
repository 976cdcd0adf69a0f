package dev.hangup.docs;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import javax.tools.ToolProvider;
import javax.xml.parsers.DocumentBuilderFactory;

import dev.hangup.Hangup;
import dev.hangup.testing.Await;
import dev.hangup.testing.ChildJvm;
import dev.hangup.testing.FreePorts;
import dev.hangup.testing.RawClient;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The project that the guide begins with, from the guide alone: its class is compiled and run. {@code .ci/run} builds with
 * Maven what is left here in {@code target/guide-project}, outside of this repository.
 */
class GuideProjectTest {
    private static final Document GUIDE = Document.named("guide.md");
    private static final Path PROJECT = Path.of("target/guide-project");
    private static final String ADDRESS = "http://localhost:8080";
    private static final Path RESOURCES = PROJECT.resolve("src/main/resources");
    private static final Path CLASSES = Path.of("target/guide-classes");

    @TempDir
    private Path otherRelease;

    @BeforeAll
    static void writeFilesAndCompile() throws IOException {
        for (Block block : GUIDE.blocks()) {
            if (block.attribute("file").isPresent()) {
                Path file = PROJECT.resolve(block.attribute("file").get());
                Files.createDirectories(file.getParent());
                Files.writeString(file, block.text());
            }
        }
        Files.createDirectories(CLASSES);
        // without the flag, on each JDK
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, "-proc:none", "-d", CLASSES.toString(),
                                                                 "-classpath", System.getProperty("java.class.path"),
                                                                 PROJECT.resolve("src/main/java/App.java").toString()));
    }

    @Test
    @Tag("departure")
    void stopsItsWorkWhenTheClientLeaves() throws Exception {
        String path = ShellCommand.of("curl")
                .flatMap(it -> it.words().stream())
                .filter(it -> it.startsWith(ADDRESS))
                .map(it -> it.substring(ADDRESS.length()))
                .findFirst()
                .orElseThrow();
        int port = FreePorts.one();
        Process process = start("--enable-preview", "-Dserver.port=" + port, "-Dserver.features.hangup.watch=" + Await.WATCHED);
        try {
            Await.untilBegun("it listens", () -> listens(process, port));
            RawClient.connect(port).get(path).leave();
            assertTrue(CompletableFuture.supplyAsync(() -> logs(process, "disconnected GET " + path))
                               .get(Await.TIME.toSeconds(), TimeUnit.SECONDS));
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void withoutTheFlagItSaysWhatTheGuideQuotes() throws Exception {
        String quoted = quoted("Hangup uses preview APIs");
        Process process = start("-Dserver.port=0");
        try {
            assertTrue(logs(process, quoted));
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void withTheJarOfAnotherReleaseItSaysWhatTheGuideQuotes() throws Exception {
        int here = Runtime.version().feature();
        int other = here - 1;
        String quoted = quoted("This jar of Hangup is for JDK 25").replace("25", "OTHER").replace("26", "HERE")
                .replace("OTHER", String.valueOf(other)).replace("HERE", String.valueOf(here));
        Path scope = Path.of("dev/hangup/internal/race/Scope.class");
        byte[] bytes;
        try (InputStream compiled = Hangup.class.getResourceAsStream("/" + scope)) {
            bytes = compiled.readAllBytes();
        }
        // as the other JDK would have compiled it (JVMS, 4.1)
        ByteBuffer.wrap(bytes).putShort(6, (short) (other + 44));
        Files.createDirectories(otherRelease.resolve(scope).getParent());
        Files.write(otherRelease.resolve(scope), bytes);
        Process process = startWith(otherRelease.toString(), "--enable-preview", "-Dserver.port=0");
        try {
            assertTrue(logs(process, quoted));
        } finally {
            process.destroyForcibly();
        }
    }

    /** Each version in it is the one that Hangup itself is built with. */
    @Test
    void namesTheVersionsOfThisBuild() throws Exception {
        Map<String, String> here = versions(Path.of("pom.xml"));
        Map<String, String> wrong = versions(PROJECT.resolve("pom.xml"));
        wrong.remove("reports");
        assertFalse(wrong.isEmpty());
        // what is Helidon's has its version from there
        wrong.entrySet().removeIf(it -> it.getValue().equals(here.getOrDefault(it.getKey(), here.get("helidon-bom"))));
        assertEquals(Map.of(), wrong);
    }

    /** By artifact. */
    private static Map<String, String> versions(Path pom) throws Exception {
        org.w3c.dom.Document document = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(pom.toFile());
        Map<String, String> versions = new HashMap<>();
        NodeList artifacts = document.getElementsByTagName("artifactId");
        for (int i = 0; i < artifacts.getLength(); i++) {
            for (Node it = artifacts.item(i).getNextSibling(); it != null; it = it.getNextSibling()) {
                if (it.getNodeName().equals("version")) {
                    versions.put(artifacts.item(i).getTextContent(), resolved(it.getTextContent(), document));
                }
            }
        }
        return versions;
    }

    private static String resolved(String version, org.w3c.dom.Document pom) {
        return version.startsWith("${")
                ? pom.getElementsByTagName(version.substring(2, version.length() - 1)).item(0).getTextContent()
                : version;
    }

    private static String quoted(String beginning) {
        return GUIDE.blocks().stream()
                .flatMap(it -> it.lines().stream())
                .filter(it -> it.startsWith(beginning))
                .findFirst()
                .orElseThrow();
    }

    private static Process start(String... options) throws IOException {
        return startWith(CLASSES.toString(), options);
    }

    /** With something before Hangup's own classes on the class path. */
    private static Process startWith(String first, String... options) throws IOException {
        List<String> line = new ArrayList<>(List.of(options));
        line.addAll(List.of("-classpath", String.join(File.pathSeparator, first, CLASSES.toString(), RESOURCES.toString(),
                                                      System.getProperty("java.class.path")), "App"));
        return ChildJvm.builder(line).redirectErrorStream(true).start();
    }

    private static boolean listens(Process process, int port) {
        assertTrue(process.isAlive(), "It has ended");
        try {
            RawClient.connect(port).close();
            return true;
        } catch (RuntimeException | AssertionError e) {
            return false;
        }
    }

    private static boolean logs(Process process, String text) {
        return process.inputReader().lines().anyMatch(it -> it.contains(text));
    }
}
