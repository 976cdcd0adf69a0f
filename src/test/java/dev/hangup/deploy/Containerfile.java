package dev.hangup.deploy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;

/** The instructions of the Containerfile. */
record Containerfile(List<String> lines) {
    static final Path FILE = Path.of("src/deploy/Containerfile");

    static Containerfile read() throws IOException {
        return new Containerfile(Files.readAllLines(FILE).stream().filter(it -> !it.startsWith("#")).toList());
    }

    /** The arguments of each instruction of a kind. */
    List<String> all(String instruction) {
        return lines.stream().filter(it -> it.startsWith(instruction + " "))
                .map(it -> it.substring(instruction.length() + 1).strip())
                .toList();
    }

    /** The arguments of the last instruction of a kind, which is the one that counts. */
    String last(String instruction) {
        return all(instruction).getLast();
    }

    List<String> entrypoint() {
        List<String> words = new ArrayList<>();
        try (JsonReader reader = Json.createReader(new StringReader(last("ENTRYPOINT")))) {
            JsonArray array = reader.readArray();
            array.getValuesAs(JsonString.class).forEach(it -> words.add(it.getString()));
        }
        return words;
    }

    /** What is copied from the context, with the release of the JDK in its place. */
    List<String> sources(int release) {
        List<String> sources = new ArrayList<>();
        for (String copy : all("COPY")) {
            List<String> words = List.of(copy.replace("${JDK}", String.valueOf(release)).split(" +"));
            sources.addAll(words.subList(0, words.size() - 1));
        }
        return sources;
    }
}
