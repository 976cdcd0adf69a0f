package dev.hangup.demo;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

import dev.hangup.Computation;
import dev.hangup.admission.AdmissionQueue;
import dev.hangup.process.Command;

import io.helidon.webserver.http.ServerRequest;

/**
 * Runs another program, whose output is the response. The program starts a process of its own, and both must end when the
 * request is cancelled: {@code find} visits one folder only, and runs {@code sleep} and then {@code echo} for it.
 */
final class ChildProcess implements Computation<String> {
    private static final System.Logger LOGGER = System.getLogger(ChildProcess.class.getName());
    private static final AdmissionQueue AT_A_TIME = new AdmissionQueue("work in processes", 64, 64, Duration.ofSeconds(1));

    @Override
    public String compute(ServerRequest request) throws IOException, InterruptedException {
        Duration time = Seconds.of(request.query());
        String path = request.path().path();
        String seconds = BigDecimal.valueOf(time.toNanos(), 9).stripTrailingZeros().toPlainString();
        Command command = Command.builder("find", "/", "-prune", "-exec", "sleep", seconds, ";",
                                     "-exec", "echo", "Slept beautifully in a process", ";")
                .admission(AT_A_TIME)
                .build();
        LOGGER.log(System.Logger.Level.INFO, path + ": running find, which runs sleep " + seconds);
        try {
            String output = new String(command.output(), StandardCharsets.UTF_8);
            LOGGER.log(System.Logger.Level.INFO, path + ": success, the processes have ended by themselves");
            return output;
        } catch (InterruptedException e) {
            LOGGER.log(System.Logger.Level.WARNING, path + ": cancelled, the processes were ended");
            throw e;
        }
    }
}
