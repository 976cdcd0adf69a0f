package dev.hangup.demo;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

import dev.hangup.testing.ChildJvm;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The launcher of replicas that cannot start them: one line, and an exit code. */
class ReplicasRefusalTest {
    @ParameterizedTest
    @ValueSource(strings = {"abc", "", "-1", "70000", "65534", "99999999999"})
    void aPortThatIsNoneIsNamed(String port) throws Exception {
        assertEquals("The replicas cannot start: the first port must be a number from 0 to 65533, but is " + port + "\n",
                     refusal(List.of(), port));
    }

    @Test
    void aKeyThatCannotBeMadeIsOneLine(@TempDir Path folder) throws Exception {
        String missing = folder.resolve("missing").toString();
        String said = refusal(List.of("-Djava.io.tmpdir=" + missing), "0");
        assertTrue(said.startsWith("The replicas cannot start: ") && said.contains(missing), said);
    }

    private static String refusal(List<String> options, String port) throws Exception {
        Process process = ChildJvm.running(Replicas.class, options, port).start();
        String error = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8)
                // the JDK's own
                .replaceFirst("WARNING: java.io.tmpdir directory does not exist\\R", "");
        assertEquals(1, process.waitFor(), error);
        assertEquals(1, error.lines().count(), error);
        return error;
    }
}
