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

/** What a {@link Command} is to be like. Used by one thread. */
public final class CommandBuilder {
    private static final int MAX_OUTPUT = 1024 * 1024 * 1024;
    private static final Duration MAX_GRACE = Duration.ofMinutes(1);
    /** What Java encodes arguments in; all that this cannot say it would silently turn into question marks. */
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
     * @throws IllegalArgumentException if one of them contains a NUL, or what the JVM's locale has no bytes for
     */
    public CommandBuilder arguments(String... arguments) {
        for (String argument : arguments) {
            line.add(passable("argument", argument));
        }
        return this;
    }

    /**
     * Where it runs; by default where the server does.
     *
     * @param directory its working directory
     * @return this builder
     */
    public CommandBuilder directory(Path directory) {
        this.directory = Optional.of(directory);
        return this;
    }

    /**
     * What it inherits of the server's environment. By default no more than {@code PATH}, {@code HOME}, {@code USER},
     * {@code LOGNAME}, {@code TZ}, {@code TMPDIR}, {@code TEMP}, {@code TMP}, {@code SystemRoot}, {@code LANG},
     * {@code LANGUAGE} and {@code LC_*}: a server's environment holds secrets, and a command handles what clients send.
     *
     * @param names tells of each variable's name whether it is inherited: {@code name -> true} for all of them
     * @return this builder
     */
    public CommandBuilder inherit(Predicate<String> names) {
        inherited = Objects.requireNonNull(names);
        return this;
    }

    /**
     * Sets a variable of its environment, whether inherited or not.
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
     * What it finds on its standard input; by default nothing. That it does not read all of it is no error.
     *
     * @param input the bytes
     * @return this builder
     */
    public CommandBuilder input(byte[] input) {
        this.input = input.clone();
        return this;
    }

    /**
     * How much it may write to its standard output, which is held in memory, before it is killed.
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
     * How long its processes may take to end when they were asked to, before they are killed.
     *
     * @param grace zero, to kill them without asking, to one minute; half a second by default
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
     * How many such commands run at a time; by default as many as there are calls. A command holds its permit until nothing
     * of it is left.
     *
     * @param admission shared by all commands that the bound is for
     * @return this builder
     */
    public CommandBuilder admission(AdmissionQueue admission) {
        this.admission = Optional.of(admission);
        return this;
    }

    /**
     * The command.
     *
     * @return a command that no longer changes
     */
    public Command build() {
        return new Command(this);
    }

    private static String passable(String what, String text) {
        check(text.indexOf('\0') < 0, what + " must not contain a NUL");
        check(CHARSET.newEncoder().canEncode(text), what + " has characters that " + CHARSET + " has no bytes for");
        return text;
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
