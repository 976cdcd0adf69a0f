package dev.hangup.storm;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;

import javax.imageio.ImageIO;

import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws the results: useful answers against what was asked for over time, and beside it what was computed for nobody. */
final class Picture {
    private static final int WIDTH = 820;
    private static final int BARS_WIDTH = 340;
    private static final int HEIGHT = 460;

    private Picture() {
    }

    static void draw(List<Result> results, Clients.Plan plan, double capacity, Path file) throws IOException {
        XYChart lines = new XYChartBuilder().width(WIDTH).height(HEIGHT)
                .title("A burst of retrying clients, from second " + plan.burstFrom() + " to " + plan.burstUntil())
                .xAxisTitle("seconds").yAxisTitle("per second").build();
        lines.getStyler().setLegendPosition(Styler.LegendPosition.InsideNE).setMarkerSize(4);
        lines.getStyler().setYAxisMin(0.0);
        double[] seconds = IntStream.range(0, results.getFirst().seconds()).asDoubleStream().toArray();
        lines.addSeries("clients that come", seconds, rates(results.getFirst().outcome().came())).setMarker(SeriesMarkers.NONE);
        lines.addSeries("what can be computed", seconds,
                        IntStream.range(0, seconds.length).mapToDouble(i -> capacity).toArray())
                .setMarker(SeriesMarkers.NONE);
        CategoryChart bars = new CategoryChartBuilder().width(BARS_WIDTH).height(HEIGHT)
                .title("Computed for nobody").yAxisTitle("seconds of a processor").build();
        bars.getStyler().setLegendPosition(Styler.LegendPosition.OutsideS);
        for (Result result : results) {
            lines.addSeries("useful answers: " + result.series().title(), seconds, rates(result.outcome().useful()));
            bars.addSeries(result.series().title(), List.of(" "), List.of(result.wasted()));
        }
        BufferedImage image = new BufferedImage(WIDTH + BARS_WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        lines.paint(graphics, WIDTH, HEIGHT);
        graphics.translate(WIDTH, 0);
        bars.paint(graphics, BARS_WIDTH, HEIGHT);
        graphics.dispose();
        if (file.getParent() != null) {
            Files.createDirectories(file.getParent());
        }
        ImageIO.write(image, "png", file.toFile());
    }

    private static double[] rates(AtomicLongArray counts) {
        return IntStream.range(0, counts.length()).mapToDouble(counts::get).toArray();
    }
}
