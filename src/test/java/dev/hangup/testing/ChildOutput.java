package dev.hangup.testing;

import java.io.BufferedReader;
import java.io.IOException;

/** What the server of another JVM writes to its standard output, its log among it. */
public final class ChildOutput {
    private ChildOutput() {
    }

    /** Reads up to the line that is a port. */
    public static int readPort(BufferedReader output) throws IOException {
        StringBuilder before = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.matches("\\d+")) {
                return Integer.parseInt(line);
            }
            before.append(line).append('\n');
        }
        throw new AssertionError("It has told no port, but " + before);
    }
}
