package dev.hangup.demo;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

import dev.hangup.testing.ChildJvm;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The demo as a process of its own: how it refuses to start. */
class MainTest {
    @TempDir
    private Path folder;

    @Test
    void aTakenPortIsOneLineAndAnExitCode() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String said = refusal("-Dserver.port=" + taken.getLocalPort());
            assertTrue(said.contains("Address already in use"), said);
            assertTrue(said.contains(String.valueOf(taken.getLocalPort())), said);
        }
    }

    @Test
    void withoutTheFlagItNamesTheRightCommand() throws Exception {
        assertTrue(refusalOf(ChildJvm.builder("-cp", System.getProperty("java.class.path"), "dev.hangup.demo.Main"))
                           .contains("java --enable-preview -jar "));
    }

    @Test
    void aBadKeyIsNamed() throws Exception {
        String said = refusal("-Dserver.port=0", "-Dserver.features.hangup.deadline=PT-1S");
        assertTrue(said.contains("server.features.hangup.deadline"), said);
    }

    @Test
    void aKeyWhoseValueIsNoValueOfItsKindIsNamed() throws Exception {
        String said = refusal("-Dserver.port=0", "-Dserver.features.hangup.read-ahead=1XiB");
        assertTrue(said.contains("server.features.hangup.read-ahead"), said);
        assertTrue(said.contains("1XiB"), said);
    }

    @Test
    void aBadKeyOfTheComputationsIsNamed() throws Exception {
        assertTrue(refusal("-Dserver.port=0", "-Dcpu.parallelism=0").contains("cpu.parallelism must be"));
    }

    @Test
    void aConfigurationFileThatIsNotThereIsNamed() throws Exception {
        String said = refusal("-Dhangup.config=" + folder.resolve("none.yaml"));
        assertTrue(said.contains("hangup.config") && said.contains("none.yaml"), said);
    }

    @Test
    void aConfigurationFileIsLaidOverTheDefaults() throws Exception {
        Path file = Files.writeString(folder.resolve("mine.yaml"), "server:\n  features:\n    hangup:\n      drain: PT2S\n");
        String said = refusal("-Dhangup.config=" + file);
        assertTrue(said.contains("server.features.hangup.drain"), said);
        // the default of the demo, from the class path
        assertTrue(said.contains("(PT1S)"), said);
    }

    @Test
    void systemPropertiesComeBeforeTheConfigurationFile() throws Exception {
        Path file = Files.writeString(folder.resolve("mine.yaml"), "relay:\n  url: http://localhost/\n");
        assertTrue(refusal("-Drelay.url=nonsense", "-Dhangup.config=" + file).contains("relay.url"));
    }

    @Test
    void aJarThatWasCopiedWithoutItsLibrariesSaysWhatIsMissing() throws Exception {
        Path jar = folder.resolve("hangup-demo.jar");
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Main.class.getName());
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, "hangup.jar libs/one.jar libs/two.jar");
        String entry = Main.class.getName().replace('.', '/') + ".class";
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest);
                InputStream main = Main.class.getResourceAsStream("/" + entry)) {
            out.putNextEntry(new JarEntry(entry));
            main.transferTo(out);
        }
        assertEquals(jar + " needs hangup.jar and the folder libs beside it: hangup.jar is missing, and 2 more",
                     refusalOf(ChildJvm.builder("--enable-preview", "-jar", jar.toString())).strip());
        Files.createFile(folder.resolve("hangup.jar"));
        Files.createFile(Files.createDirectory(folder.resolve("libs")).resolve("one.jar"));
        assertEquals(jar + " needs hangup.jar and the folder libs beside it: libs/two.jar is missing",
                     refusalOf(ChildJvm.builder("-jar", jar.toString())).strip());
    }

    /** The one line that the process says before it ends with an error. */
    private static String refusal(String... options) throws IOException, InterruptedException {
        return refusalOf(ChildJvm.running("dev.hangup.demo.Main", List.of(options)));
    }

    private static String refusalOf(ProcessBuilder command) throws IOException, InterruptedException {
        Process process = command.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor() != 0, said);
        assertEquals(1, said.lines().count(), said);
        return said;
    }
}
