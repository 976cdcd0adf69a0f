package dev.hangup.deploy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.hangup.testing.Await;
import dev.hangup.testing.FreePorts;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The command line of the image, run without an engine: as process 1 of a PID namespace, not as root, with a root that cannot be
 * written but for one temporary folder.
 */
class ContainerTest {
    private static final String[] NAMESPACES = {"unshare", "--pid", "--fork", "--mount", "--mount-proc", "--kill-child"};
    /** As an engine: builds the image's folder, mounts it, and becomes its process 1. */
    private static final String ENGINE = """
            set -eu
            image=$1; jdk=$2; build=$3; user=$4; operators=$5; shift 5
            mount -t tmpfs tmpfs /opt
            mkdir /opt/hangup /opt/jdk
            mount --bind "$jdk" /opt/jdk
            mount --bind "$image" /opt/hangup
            export PATH=/opt/jdk/bin:$PATH
            cd /opt/hangup
            # not measured here, and C2 takes long
            export JDK_JAVA_OPTIONS=-XX:TieredStopAtLevel=1
            sh -c "$build"
            mount -t tmpfs -o mode=1777 tmpfs /tmp
            mount -o remount,bind,ro /opt/hangup
            mount -o remount,bind,ro /opt/jdk
            mount -o remount,ro /opt
            mount -o remount,bind,ro /
            export JDK_JAVA_OPTIONS="$JDK_JAVA_OPTIONS -XX:ActiveProcessorCount=3 -Dserver.port=0 -Dserver.sockets.0.port=$operators \\
                -Dserver.features.hangup.shutdown-delay=PT1S -Dserver.features.hangup.drain=PT1S -Dpage.enabled=false"
            exec setpriv --reuid="${user%:*}" --regid="${user#*:}" --clear-groups -- "$@"
            """;
    @TempDir
    private static Path folder;
    private static Process engine;
    private static int operators;
    private static final Trail OUTPUT = new Trail();

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/tini")), "tini is not installed");
        assumeTrue("root".equals(System.getProperty("user.name")), "a file system can be mounted by root only");
        List<String> probe = new ArrayList<>(List.of(NAMESPACES));
        probe.addAll(List.of("mount", "-t", "tmpfs", "tmpfs", "/opt"));
        assumeTrue(new ProcessBuilder(probe).start().waitFor() == 0, "unshare is not allowed here");

        operators = FreePorts.one();
        Path image = Files.createDirectory(folder.resolve("image"));
        PackagedDemo.layInto(image);
        closeToOthers(image);
        Containerfile file = Containerfile.read();
        assertEquals("/opt/hangup", file.last("WORKDIR"));
        List<String> command = new ArrayList<>(List.of(NAMESPACES));
        command.addAll(List.of("bash", "-c", ENGINE, "engine", image.toString(), System.getProperty("java.home"),
                               file.last("RUN"), file.last("USER"), String.valueOf(operators)));
        command.addAll(file.entrypoint());
        engine = new ProcessBuilder(command).redirectErrorStream(true).start();
        BufferedReader reader = engine.inputReader();
        Thread.startVirtualThread(() -> {
            reader.lines().forEach(OUTPUT::add);
            OUTPUT.add("ended");
        });
        Await.untilBegun("it listens: " + OUTPUT.events(), () -> find("^Hangup listens on http.*:(\\d+)\\. ") > 0
                || OUTPUT.events().contains("ended"));
        assertFalse(OUTPUT.events().contains("ended"), () -> OUTPUT.events().toString());
    }

    /** As a build with umask 077 leaves the files; COPY keeps their modes. */
    private static void closeToOthers(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(it -> !it.equals(folder)).toList()) {
                String mode = Files.isDirectory(file) || Files.isExecutable(file) ? "rwx------" : "rw-------";
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
            }
        }
    }

    @AfterAll
    static void end() {
        if (engine != null) {
            engine.toHandle().destroyForcibly();
        }
    }

    @Test
    void imageRunsAsItsContainerfileSays() throws Exception {
        ProcessHandle init = engine.toHandle().children().findFirst().orElseThrow();
        ProcessHandle java = init.children().findFirst().orElseThrow();
        assertEquals("1", status(init, "NSpid").getLast());
        assertEquals("tini", status(init, "Name").getFirst());
        assertEquals("java", status(java, "Name").getFirst());
        assertEquals(Set.of(Containerfile.read().last("USER").split(":")[0]), Set.copyOf(status(java, "Uid")));
        // the class cache is used: with another command line, or other jars, it would be refused
        assertTrue(Files.readString(Path.of("/proc/" + java.pid() + "/maps")).contains(cacheIn("start-cache.options")));

        Path root = Path.of("/proc/" + java.pid() + "/root");
        for (String folder : List.of("/", "/opt/hangup", "/var")) {
            Path file = Path.of(root + folder, "hangup-probe");
            assertTrue(assertThrows(FileSystemException.class, () -> Files.createFile(file)).getReason()
                               .contains("Read-only"), folder);
        }
        Files.delete(Files.createFile(Path.of(root + "/tmp", "hangup-probe")));

        try (RawClient client = RawClient.connect(find("^Hangup listens on http.*:(\\d+)\\. "))) {
            assertEquals(200, client.get("/with-context?seconds=0").read().status());
            assertEquals(200, client.get("/with-context/isolated?seconds=0").read().status());
        }
        try (RawClient client = RawClient.connect(operators)) {
            assertEquals(200, client.get("/observe/health/ready").read().status());
            String metrics = client.get("/observe/metrics").read().text();
            // no other metric tells the number of processors, and before JDK 24 not even this one is there
            assertTrue(Runtime.version().feature() < 24 || metrics.contains("hangup_carriers_usual{scope=\"application\",} 3.0"),
                       metrics);
        }
        orphansOfCommandsAreReaped(init);
        sigtermEndsItWithItsLastLines(init);
    }

    /** A command's child becomes one of process 1, which has to reap it. */
    private static void orphansOfCommandsAreReaped(ProcessHandle init) {
        Set<Long> command;
        try (RawClient client = RawClient.connect(find("^Hangup listens on http.*:(\\d+)\\. "))) {
            client.get("/with-context/process?seconds=600");
            Await.until("find and sleep run", () -> running(init, "/find").size() == 1 && running(init, "/sleep").size() == 1);
            command = new HashSet<>(running(init, "/find"));
            command.addAll(running(init, "/sleep"));
        }
        Await.until("nothing of it is left, not even a zombie",
                    () -> init.descendants().map(ProcessHandle::pid).noneMatch(command::contains));
    }

    private static void sigtermEndsItWithItsLastLines(ProcessHandle init) throws Exception {
        try (RawClient client = RawClient.connect(find("^Hangup listens on http.*:(\\d+)\\. "))) {
            client.get("/with-context?seconds=600");
            OUTPUT.awaitAny(it -> it.contains("/with-context: sleeping for 600"), "the work");
            init.destroy();
            assertEquals(503, client.read().status());
        }
        assertTrue(engine.waitFor(Await.TIME.toSeconds(), TimeUnit.SECONDS));
        assertEquals(128 + 15, engine.exitValue());
        OUTPUT.await("ended");
        OUTPUT.awaitAny(it -> it.contains("shutdown GET /with-context "), "what the request came to");
    }

    private static int find(String pattern) {
        return OUTPUT.events().stream().map(Pattern.compile(pattern)::matcher).filter(Matcher::find)
                .mapToInt(it -> Integer.parseInt(it.group(1))).findFirst().orElse(0);
    }

    private static Set<Long> running(ProcessHandle init, String program) {
        return init.descendants().filter(it -> it.info().command().orElse("").endsWith(program))
                .map(ProcessHandle::pid).collect(Collectors.toSet());
    }

    private static String cacheIn(String options) throws IOException {
        String option = Files.readString(folder.resolve("image").resolve(options)).strip();
        return option.substring(option.lastIndexOf('/'), option.lastIndexOf('"'));
    }

    private static List<String> status(ProcessHandle process, String field) throws IOException {
        String line = Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(it -> it.startsWith(field + ":")).findFirst().orElseThrow();
        return List.of(line.substring(field.length() + 1).strip().split("\\s+"));
    }
}
