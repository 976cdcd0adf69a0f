package dev.hangup.docs;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A table of configuration.md, the node that its keys are below, and what reads them: a blueprint, or a class that reads its
 * configuration by itself.
 */
record ConfigurationTable(String heading, String node, Path source) {
    private static final Path ROOT = Path.of("src/main/java/dev/hangup");
    private static final String FEATURE = "server.features.hangup";
    private static final int COLUMNS = 5;

    static List<ConfigurationTable> all() {
        return List.of(
                of("## The feature", FEATURE, "HangupConfigBlueprint"),
                of("### Paths", FEATURE + ".paths", "HangupPathConfigBlueprint"),
                of("### The abandonment limiter", FEATURE + ".abandonment", "abandonment/AbandonmentConfigBlueprint"),
                of("### The cluster", FEATURE + ".cluster", "cluster/ClusterConfigBlueprint"),
                of("## Requests in flight over HTTP", "server.features.observe.observers.hangup",
                   "observe/HangupObserverConfigBlueprint"),
                of("## Computations", "cpu", "cpu/CpuBoundConfigBlueprint"),
                of("## Isolated work", "isolated", "isolated/IsolatedConfigBlueprint"),
                of("## Coalescing", "search", "coalescing/Coalescing"));
    }

    private static ConfigurationTable of(String heading, String node, String source) {
        return new ConfigurationTable(heading, node, ROOT.resolve(source + ".java"));
    }

    /** Its keys, in full. */
    Stream<String> keys() {
        return rows().stream().map(it -> node + "." + it.key());
    }

    List<Row> rows() {
        return Document.named("configuration.md").tableBelow(heading).stream().map(Row::of).toList();
    }

    /** The row of a key. */
    Row row(String key) {
        return rows().stream().filter(it -> it.key().equals(key)).findFirst().orElseThrow(() -> new AssertionError("No " + key));
    }

    /** What is said of a key. Its default is there in words, too, where it is not the same for everybody. */
    record Row(String key, String kind, Optional<String> value, String words, String range) {
        /** What a blueprint says of a key. */
        Row(String key, String kind, Optional<String> value) {
            this(key, kind, value, "", "");
        }

        private static Row of(List<String> cells) {
            if (cells.size() != COLUMNS) {
                throw new AssertionError("Not " + COLUMNS + " columns: " + cells);
            }
            return new Row(code(cells.getFirst()).orElseThrow(), cells.get(1), code(cells.get(2)), cells.get(2), cells.get(3));
        }

        /** What is in backticks, as values are that are the same for everybody. */
        private static Optional<String> code(String cell) {
            return cell.matches("`[^`]+`") ? Optional.of(cell.substring(1, cell.length() - 1)) : Optional.empty();
        }
    }
}
