package dev.hangup.process;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** The root of the tree of a command's processes, marked so that its descendants can be recognised. */
record LaunchedProcess(Process process, ProcessTree tree) {
    private static final String MARK = "HANGUP_COMMAND";
    /** The program that begins a session and then executes a command in it. */
    private static final Optional<Path> SETSID = Stream.of("/usr/bin/setsid", "/bin/setsid")
            .map(Path::of)
            .filter(it -> LinuxTree.SUPPORTED && Files.isExecutable(it))
            .findFirst();

    static LaunchedProcess of(Command command) throws IOException {
        String mark = UUID.randomUUID().toString();
        List<String> line = inOwnSession(command);
        ProcessBuilder builder = new ProcessBuilder(line);
        command.directory.map(Path::toFile).ifPresent(builder::directory);
        Map<String, String> environment = builder.environment();
        String outer = environment.getOrDefault(MARK, "");
        environment.keySet().removeIf(name -> !command.inherited.test(name));
        environment.putAll(command.environment);
        // the server may itself be part of a command, to which its child processes belong as well
        environment.put(MARK, (outer + " " + mark).strip());
        Process process = builder.start();
        try {
            return new LaunchedProcess(process, LinuxTree.SUPPORTED
                    ? new LinuxTree(process, mark, line.size() > command.line.size())
                    : new PortableTree(process));
        } catch (RuntimeException | Error e) {
            // out of memory
            process.toHandle().destroyForcibly();
            throw e;
        }
    }

    /**
     * Prefixes the command with {@code setsid}. If its program is not found, the command is left unchanged, so that the system
     * reports the reason.
     */
    private static List<String> inOwnSession(Command command) {
        Optional<Path> program = SETSID.isEmpty() ? Optional.empty() : find(command);
        if (program.isEmpty()) {
            return command.line;
        }
        List<String> line = new ArrayList<>(command.line);
        line.set(0, program.get().toString());
        line.addFirst(SETSID.get().toString());
        return line;
    }

    private static Optional<Path> find(Command command) {
        Path name = Path.of(command.program());
        if (command.program().contains("/")) {
            Path directory = command.directory.orElse(Path.of(""));
            return Optional.of(directory.resolve(name).toAbsolutePath()).filter(LaunchedProcess::isProgram);
        }
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(Path::of)
                .filter(Path::isAbsolute)
                .map(it -> it.resolve(name))
                .filter(LaunchedProcess::isProgram)
                .findFirst();
    }

    private static boolean isProgram(Path path) {
        File file = path.toFile();
        return file.isFile() && file.canExecute();
    }
}
