package dev.hangup.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One Markdown file. */
public record Document(Path path, List<String> lines) {
    static final Path README = Path.of("README.md");
    private static final Path FOLDER = Path.of("src/doc");
    private static final String FENCE = "```";
    private static final Pattern HEADING = Pattern.compile("#{1,6} +(.*)");
    private static final Pattern LINK = Pattern.compile("!?\\[[^\\]]*]\\(([^)\\s]+)\\)");

    /** The README and all that is in {@code src/doc}. */
    static List<Document> all() {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return Stream.concat(Stream.of(README), files.filter(it -> it.toString().endsWith(".md")).sorted())
                    .map(Document::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One in {@code src/doc}. */
    public static Document named(String name) {
        return read(FOLDER.resolve(name));
    }

    static Document read(Path path) {
        try {
            return new Document(path, Files.readAllLines(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The fenced blocks. */
    List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith(FENCE)) {
                int first = i + 1;
                i = end(first);
                blocks.add(Block.of(this, first + 1, lines.get(first - 1).substring(FENCE.length()),
                                    lines.subList(first, i)));
            }
        }
        return blocks;
    }

    /** What links to this document can name behind a {@code #}, as GitHub makes it of headings. */
    Set<String> anchors() {
        Set<String> anchors = new HashSet<>();
        Map<String, Integer> seen = new HashMap<>();
        for (String line : prose()) {
            Matcher heading = HEADING.matcher(line);
            if (heading.matches()) {
                String anchor = heading.group(1).toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
                int before = seen.merge(anchor, 1, Integer::sum) - 1;
                anchors.add(before == 0 ? anchor : anchor + "-" + before);
            }
        }
        return anchors;
    }

    /** What its links and pictures point to. */
    List<String> links() {
        return LINK.matcher(String.join("\n", prose())).results().map(it -> it.group(1)).toList();
    }

    /** The table below a heading: a row for each line of its body, a cell for each column. */
    public List<List<String>> tableBelow(String heading) {
        int from = lines.indexOf(heading);
        if (from < 0) {
            throw new AssertionError(path + " has no heading " + heading);
        }
        return lines.stream()
                .skip(from)
                .dropWhile(it -> !it.startsWith("|"))
                .takeWhile(it -> it.startsWith("|"))
                .skip(2)
                .map(it -> Stream.of(it.substring(1).split("\\|")).map(String::strip).toList())
                .toList();
    }

    private List<String> prose() {
        List<String> prose = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith(FENCE)) {
                i = end(i + 1);
            } else {
                prose.add(lines.get(i));
            }
        }
        return prose;
    }

    private int end(int from) {
        for (int i = from; i < lines.size(); i++) {
            if (lines.get(i).equals(FENCE)) {
                return i;
            }
        }
        throw new AssertionError(path + " has a block without an end, in line " + from);
    }
}
