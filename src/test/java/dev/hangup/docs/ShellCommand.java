package dev.hangup.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A command line in a document: a line of a block of shell commands, or what stands in backticks in the text. */
record ShellCommand(Document document, String line) {
    private static final Pattern INLINE = Pattern.compile("`((?:\\./mvnw|curl|jcmd|jfr) [^`]+)`");
    private static final Pattern WORD = Pattern.compile("(?:[^\\s'\"]|'[^']*'|\"[^\"]*\")+");

    static List<ShellCommand> all() {
        List<ShellCommand> commands = new ArrayList<>();
        for (Document document : Document.all()) {
            document.blocks().stream()
                    .filter(it -> it.language().equals("sh"))
                    .flatMap(it -> it.lines().stream())
                    .map(it -> it.replaceFirst(" +#.*", ""))
                    .forEach(it -> commands.add(new ShellCommand(document, it)));
            INLINE.matcher(String.join("\n", document.lines())).results()
                    .forEach(it -> commands.add(new ShellCommand(document, it.group(1).replaceAll("\\s*\n\\s*", " "))));
        }
        return commands;
    }

    /** Those that run a program. */
    static Stream<ShellCommand> of(String... programs) {
        return all().stream().filter(it -> List.of(programs).contains(it.program()));
    }

    /** What is run, behind variables that are set for it. */
    String program() {
        return words().getFirst();
    }

    /** The program and its arguments, without the quotes. */
    List<String> words() {
        return WORD.matcher(line).results()
                .map(it -> it.group().replaceAll("['\"]", ""))
                .dropWhile(it -> it.matches("[A-Z_]+=.*"))
                .toList();
    }

    /** For the names of test cases. */
    @Override
    public String toString() {
        return document.path() + ": " + line;
    }
}
