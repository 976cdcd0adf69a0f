package dev.hangup.storm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What the picture shows, kept in a file so that it can be drawn anew without another run.
 *
 * @param capacity answers a second that the server can compute
 * @param clients  that came, by the second
 * @param useful   answers that were there in time, by the second
 * @param wasted   seconds of processors that were spent on what reached nobody in time
 */
record Recording(double capacity, double[] clients, Map<Series, double[]> useful, Map<Series, Double> wasted) {
    private static final String CAPACITY = "capacity";
    private static final String WASTED = "wasted";

    static Recording of(List<Result> results, double capacity) {
        Map<Series, double[]> useful = new EnumMap<>(Series.class);
        Map<Series, Double> wasted = new EnumMap<>(Series.class);
        for (Result result : results) {
            useful.put(result.series(), rates(result.outcome().useful()));
            wasted.put(result.series(), result.wasted());
        }
        return new Recording(capacity, rates(results.getFirst().outcome().came()), useful, wasted);
    }

    /** Comma-separated: a row for each second, and before them one each for the capacity and for what was wasted. */
    void write(Path file) throws IOException {
        List<String> rows = new ArrayList<>();
        rows.add("second,clients," + String.join(",", useful.keySet().stream().map(Series::name).toList()));
        rows.add(row(CAPACITY, Stream.of(capacity)));
        rows.add(row(WASTED, Stream.concat(Stream.of(0.0), wasted.values().stream())));
        for (int i = 0; i < clients.length; i++) {
            int second = i;
            rows.add(row(String.valueOf(second), Stream.concat(Stream.of(clients[second]),
                                                               useful.values().stream().map(rates -> rates[second]))));
        }
        Files.write(file, rows);
    }

    static Recording read(Path file) throws IOException {
        double capacity = 0;
        Map<Series, Double> wasted = new EnumMap<>(Series.class);
        List<double[]> seconds = new ArrayList<>();
        List<String> rows = Files.readAllLines(file);
        List<Series> columns = Arrays.stream(rows.getFirst().split(",")).skip(2).map(Series::valueOf).toList();
        for (String row : rows.subList(1, rows.size())) {
            String[] cells = row.split(",");
            double[] values = Arrays.stream(cells).skip(1).mapToDouble(Double::parseDouble).toArray();
            switch (cells[0]) {
            case CAPACITY -> capacity = values[0];
            case WASTED -> {
                for (int i = 0; i < columns.size(); i++) {
                    wasted.put(columns.get(i), values[1 + i]);
                }
            }
            default -> seconds.add(values);
            }
        }
        Map<Series, double[]> useful = new EnumMap<>(Series.class);
        for (int i = 0; i < columns.size(); i++) {
            int column = 1 + i;
            useful.put(columns.get(i), seconds.stream().mapToDouble(values -> values[column]).toArray());
        }
        return new Recording(capacity, seconds.stream().mapToDouble(values -> values[0]).toArray(), useful, wasted);
    }

    private static String row(String name, Stream<Double> values) {
        return name + "," + String.join(",", values.map(it -> String.format(Locale.ROOT, "%.2f", it)).toList());
    }

    private static double[] rates(AtomicLongArray counts) {
        return IntStream.range(0, counts.length()).mapToDouble(counts::get).toArray();
    }
}
