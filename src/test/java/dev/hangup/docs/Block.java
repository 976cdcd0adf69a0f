package dev.hangup.docs;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A fenced block of a document. What follows its language says what it is: {@code fragment=KIND} is code to be put into the
 * class that {@link JavaFragment} knows for that kind, {@code file=PATH} a file of the project that the document describes,
 * and {@code from=PATH} code that the file has, too.
 */
record Block(Document document, int line, String language, Map<String, String> attributes, List<String> lines) {
    static Block of(Document document, int line, String info, List<String> lines) {
        String[] words = info.strip().split(" +");
        Map<String, String> attributes = new HashMap<>();
        for (int i = 1; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            attributes.put(words[i].substring(0, equals), words[i].substring(equals + 1));
        }
        return new Block(document, line, words[0], attributes, List.copyOf(lines));
    }

    static List<Block> all(String language) {
        return Document.all().stream()
                .flatMap(it -> it.blocks().stream())
                .filter(it -> it.language().equals(language))
                .toList();
    }

    Optional<String> attribute(String name) {
        return Optional.ofNullable(attributes.get(name));
    }

    String text() {
        return String.join("\n", lines) + "\n";
    }

    /** For the names of test cases. */
    @Override
    public String toString() {
        return document.path() + ":" + line;
    }
}
