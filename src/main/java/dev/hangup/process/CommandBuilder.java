package dev.hangup.process;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

import dev.hangup.admission.AdmissionQueue;

/** Builds a {@link Command}. Not thread-safe. */
public final class CommandBuilder {
    private static final int MAX_OUTPUT = 1024 * 1024 * 1024;
    private static final Duration MAX_GRACE = Duration.ofMinutes(1);
    /** The encoding of process arguments. Java silently replaces unmappable characters by question marks. */
    private static final Charset CHARSET = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"),
                                                           StandardCharsets.UTF_8);
    private static final Set<String> BASICS = Set.of("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR",
                                                     "TEMP", "TMP", "SystemRoot");

    final List<String> line = new ArrayList<>();
    final Map<String, String> environment = new LinkedHashMap<>();
    Optional<Path> directory = Optional.empty();
    Predicate<String> inherited = name -> BASICS.contains(name) || name.startsWith("LC_");
    byte[] input = new byte[0];
    int maxOutput = 16 * 1024 * 1024;
    Duration grace = Duration.ofMillis(500);
    Optional<AdmissionQueue> admission = Optional.empty();

    CommandBuilder(String program) {
        check(!program.isEmpty(), "program must not be empty");
        line.add(passable("program", program));
    }

    /**
     * Adds arguments.
     *
     * @param arguments in their order
     * @return this builder
     * @throws IllegalArgumentException if one of them contains a NUL, or a character that the JVM's locale cannot encode
     */
    public CommandBuilder arguments(String... arguments) {
        for (String argument : arguments) {
            line.add(passable("argument", argument));
        }
        return this;
    }

    /**
     * Sets the working directory. The default is the server's.
     *
     * @param directory the directory
     * @return this builder
     */
    public CommandBuilder directory(Path directory) {
        this.directory = Optional.of(directory);
        return this;
    }

    /**
     * Selects the variables that the command inherits from the server's environment. By default these are only {@code PATH},
     * {@code HOME}, {@code USER}, {@code LOGNAME}, {@code TZ}, {@code TMPDIR}, {@code TEMP}, {@code TMP}, {@code SystemRoot},
     * {@code LANG}, {@code LANGUAGE} and {@code LC_*}: a server's environment holds secrets, and a command handles input from
     * clients.
     *
     * @param names returns whether the variable of a name is inherited; {@code name -> true} inherits all of them
     * @return this builder
     */
    public CommandBuilder inherit(Predicate<String> names) {
        inherited = Objects.requireNonNull(names);
        return this;
    }

    /**
     * Sets an environment variable, whether it is inherited or not.
     *
     * @param name  its name
     * @param value its value
     * @return this builder
     * @throws IllegalArgumentException if they cannot be passed to a process
     */
    public CommandBuilder environment(String name, String value) {
        check(!name.isEmpty() && name.indexOf('=') < 0, "environment: a name must not be empty, nor contain =");
        environment.put(passable("environment", name), passable("environment", value));
        return this;
    }

    /**
     * Sets the standard input, which is empty by default. A command need not read all of it.
     *
     * @param input the bytes
     * @return this builder
     */
    public CommandBuilder input(byte[] input) {
        this.input = input.clone();
        return this;
    }

    /**
     * Sets the maximum size of the standard output, which is held in memory. A command that writes more is killed.
     *
     * @param bytes zero to 1 GiB; 16 MiB by default
     * @return this builder
     * @throws IllegalArgumentException if it is out of range
     */
    public CommandBuilder maxOutput(int bytes) {
        check(bytes >= 0 && bytes <= MAX_OUTPUT, "maxOutput must be from 0 to " + MAX_OUTPUT + " bytes, but is " + bytes);
        maxOutput = bytes;
        return this;
    }

    /**
     * Sets the grace period between asking processes to end and killing them.
     *
     * @param grace zero to one minute; zero kills them without asking; half a second by default
     * @return this builder
     * @throws IllegalArgumentException if it is out of range
     */
    public CommandBuilder grace(Duration grace) {
        check(!grace.isNegative() && grace.compareTo(MAX_GRACE) <= 0,
              "grace must be from PT0S to " + MAX_GRACE + ", but is " + grace);
        this.grace = grace;
        return this;
    }

    /**
     * Bounds the number of commands that run at a time. By default there is no bound. A command holds its permit until none of
     * its processes is left.
     *
     * @param admission the admission queue, shared by all commands that the bound applies to
     * @return this builder
     */
    public CommandBuilder admission(AdmissionQueue admission) {
        this.admission = Optional.of(admission);
        return this;
    }

    /**
     * Builds the command.
     *
     * @return an immutable command
     */
    public Command build() {
        return new Command(this);
    }

    private static String passable(String setting, String text) {
        check(text.indexOf('\0') < 0, setting + " must not contain a NUL");
        check(CHARSET.newEncoder().canEncode(text), setting + " contains characters that " + CHARSET + " cannot encode");
        return text;
    }

    private static void check(boolean met, String complaint) {
        if (!met) {
            throw new IllegalArgumentException(complaint);
        }
    }
}
