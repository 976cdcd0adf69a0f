package dev.hangup.docs;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.hangup.demo.DemoServer;
import dev.hangup.testing.ChildJvm;

import io.helidon.webserver.WebServer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The commands in the documents: what is cheap is run, of the rest the parts are there. */
class CommandsTest {
    private static final String OBSERVER = "server.features.observe.observers.hangup.";
    private static final String ADDRESS = "http://127.0.0.1:8080/";
    /** {@link GuideProjectTest} asks that. */
    private static final String GUIDE_PROJECT = "http://localhost:8080/";
    private static final Set<String> PROGRAMS = Set.of("./mvnw", "curl", "jcmd", "jfr", "java");
    private static final Set<String> GOALS = Set.of("compile", "test-compile", "test", "package", "install", "verify",
                                                    "exec:exec", "versions:display-dependency-updates",
                                                    "versions:display-property-updates", "versions:display-plugin-updates");
    /** Surefire's, and Maven's. */
    private static final Set<String> KNOWN_PROPERTIES = Set.of("test", "groups", "skipTests");
    private static final Pattern PART = Pattern.compile("Map\\.entry\\(\"([a-z-]+)\"");
    private static final int TIMED_OUT = 28;

    @TempDir
    private static Path folder;
    private static WebServer demo;
    private static String pom;

    @BeforeAll
    static void start() throws IOException {
        pom = Files.readString(Path.of("pom.xml"));
        demo = DemoServer.start(Map.of(OBSERVER + "enabled", "true", OBSERVER + "permit-all", "true"));
    }

    @AfterAll
    static void stop() {
        demo.stop();
    }

    @Test
    void eachIsOfAKindThatIsTested() {
        List<ShellCommand> unknown = ShellCommand.all().stream().filter(it -> !PROGRAMS.contains(it.program())).toList();
        assertEquals(List.of(), unknown);
    }

    @ParameterizedTest
    @MethodSource("maven")
    void partsOfAMavenCommandAreThere(ShellCommand command) throws IOException {
        for (String word : command.words().subList(1, command.words().size())) {
            if (word.startsWith("-P")) {
                assertTrue(pom.contains("<id>" + word.substring(2) + "</id>"), "There is no profile " + word);
            } else if (word.startsWith("-D")) {
                String[] property = word.substring(2).split("=", 2);
                assertTrue(KNOWN_PROPERTIES.contains(property[0]) || isProperty(property[0]), "Nobody reads " + word);
                check(property[0], property.length == 1 ? "" : property[1]);
            } else {
                assertTrue(word.equals("-q") || GOALS.contains(word), "What is " + word + "?");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("curl")
    void curlIsAnswered(ShellCommand command) throws Exception {
        Assumptions.assumeTrue(has("curl"), "There is no curl");
        String line = command.line().replace(ADDRESS, "http://127.0.0.1:" + demo.port() + "/");
        assertNotEquals(command.line(), line, "It is no request to the demo");
        if (line.contains("|")) {
            Result result = run("bash", "-c", "set -o pipefail; " + line);
            assertEquals(0, result.exitCode(), result.output());
            assertTrue(result.output().startsWith("hangup_"), result.output());
            return;
        }
        String limit = line.contains(" -m ") ? "" : line.contains("-context") ? " -m 3" : " -m 30";
        Result result = run("bash", "-c", line + limit + " -sS -w '\\nstatus=%{http_code}'");
        assertTrue(result.exitCode() == 0 || result.exitCode() == TIMED_OUT && line.contains("-context"), result.toString());
        assertTrue(result.output().matches("(?s).*status=(000|200|204|503)") || result.output().contains("No such request is in"),
                   result.output());
    }

    /**
     * They ask a JVM of its own. This one would wait forever for itself: its threads stand still while it says what they do, also
     * the one that reads that; and a dump to a file may end a JVM whose virtual threads mount (JDK-8364343).
     */
    @Test
    void commandsOfTheJdkSucceed() throws Exception {
        List<ShellCommand> commands = ShellCommand.of("jcmd", "jfr").toList();
        assertTrue(commands.size() > 2, commands.toString());
        Process asked = ChildJvm.running(Asked.class, List.of()).start();
        try {
            assertEquals(Asked.READY, asked.inputReader().readLine());
            for (ShellCommand command : commands) {
                Result result = run("bash", "-c", command.line()
                        .replace("PID", String.valueOf(asked.pid()))
                        .replace("/tmp", folder.toString()));
                assertEquals(0, result.exitCode(), command + ": " + result.output());
            }
            assertTrue(Files.exists(folder.resolve("threads.json")));
        } finally {
            asked.destroyForcibly().waitFor();
        }
    }

    @Test
    void jarsThatAreRunAreBuilt() {
        List<String> jars = ShellCommand.of("java").flatMap(it -> it.words().stream()).filter(it -> it.endsWith(".jar")).toList();
        assertFalse(jars.isEmpty());
        jars.forEach(it -> {
            assertEquals("target/hangup-demo.jar", it);
            assertTrue(pom.contains("<finalName>hangup</finalName>") && pom.contains("<classifier>demo</classifier>"));
        });
    }

    /** Maven is gone by then, so that the demo must write to the terminal itself. */
    @Test
    void lastLinesOfTheDemoAfterCtrlCGetPastMaven() {
        assertTrue(pom.contains("<inheritIo>true</inheritIo>"));
    }

    @Test
    void tableOfBenchmarksHasEachPart() throws IOException {
        assertEquals(new TreeSet<>(parts()), Document.named("benchmarks.md").tableBelow("# Benchmarks").stream()
                .flatMap(it -> Stream.of(it.getFirst().replace("`", "").split(", ")))
                .collect(Collectors.toCollection(TreeSet::new)));
    }

    private static Stream<ShellCommand> maven() {
        return ShellCommand.of("./mvnw");
    }

    private static Stream<ShellCommand> curl() {
        return ShellCommand.of("curl").filter(it -> !it.line().contains(GUIDE_PROJECT));
    }

    private static void check(String property, String value) throws IOException {
        switch (property) {
        case "test" -> {
            for (String pattern : value.split(",")) {
                String file = ".*/" + pattern.replace("*", "[^/]*") + "\\.java";
                assertTrue(sources("src/test/java").anyMatch(it -> it.toString().matches(file)), pattern);
            }
        }
        case "groups" -> assertTrue(contains("@Tag(\"" + value + "\")"), value);
        case "demo.main" -> assertTrue(sources("src/bench/java").anyMatch(it -> it.endsWith(value.replace('.', '/') + ".java")),
                                       value);
        case "benchmark.parts" -> assertTrue(parts().containsAll(List.of(value.split(" "))), value);
        case "demo.jvm" -> Stream.of(value.split(" "))
                .filter(it -> it.startsWith("-D"))
                .map(it -> it.substring(2).split("=")[0])
                .forEach(it -> assertTrue(it.equals("hangup.config")
                        || ConfigurationTable.all().stream().flatMap(ConfigurationTable::keys).anyMatch(it::equals), it));
        default -> { }
        }
    }

    private static List<String> parts() throws IOException {
        String source = Files.readString(file("Benchmark.java"));
        return PART.matcher(source).results().map(it -> it.group(1)).toList();
    }

    private static boolean isProperty(String name) throws IOException {
        return pom.contains("<" + name + "/>") || pom.contains("<" + name + ">") || pom.contains("<name>" + name + "</name>")
                || contains("\"" + name + "\"");
    }

    private static boolean contains(String text) throws IOException {
        for (String source : sources("src").toList()) {
            if (Files.readString(Path.of(source)).contains(text)) {
                return true;
            }
        }
        return false;
    }

    private static Path file(String name) throws IOException {
        return sources("src").filter(it -> it.endsWith("/" + name)).map(Path::of).findFirst().orElseThrow();
    }

    private static Stream<String> sources(String root) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(root))) {
            return files.map(it -> it.toString()).filter(it -> it.endsWith(".java")).toList().stream();
        }
    }

    private static boolean has(String program) throws Exception {
        return run("bash", "-c", "command -v " + program).exitCode() == 0;
    }

    /** With this JDK's commands, in a folder of its own. */
    private static Result run(String... line) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(line).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().merge("PATH", System.getProperty("java.home") + "/bin",
                                    (path, bin) -> bin + File.pathSeparator + path);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes());
        return new Result(process.waitFor(), output);
    }

    private record Result(int exitCode, String output) {
    }

    /** A JVM that does nothing but to be asked. */
    private static final class Asked {
        private static final String READY = "ready";

        public static void main(String[] arguments) throws IOException {
            System.out.println(READY);
            // the JVM ends with the one that has started it
            System.exit(System.in.read());
        }
    }
}
