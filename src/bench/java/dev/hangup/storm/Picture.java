package dev.hangup.storm;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

import javax.imageio.ImageIO;

import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Draws the results: useful answers against what was asked for over time, and beside it what was computed for nobody. In the
 * colours of the demo's page; a series has the same one in both.
 */
final class Picture {
    private static final int WIDTH = 820;
    private static final int BARS_WIDTH = 340;
    private static final int HEIGHT = 460;
    private static final Color GROUND = Color.WHITE;
    private static final Color INK = new Color(0x1d1f1e);
    private static final Color SOFT = new Color(0x5b605d);
    private static final Color LINE = new Color(0xdfddd5);
    private static final Color UNKNOWN = new Color(0x8b8a82);
    private static final float LINE_WIDTH = 2.5f;

    private Picture() {
    }

    static void draw(Recording recording, Clients.Plan plan, Path file) throws IOException {
        XYChart lines = new XYChartBuilder().width(WIDTH).height(HEIGHT)
                .title("A burst of retrying clients, from second " + plan.burstFrom() + " to " + plan.burstUntil())
                .xAxisTitle("seconds").yAxisTitle("per second").build();
        style(lines.getStyler());
        lines.getStyler().setLegendPosition(Styler.LegendPosition.InsideNE);
        lines.getStyler().setYAxisMin(0.0);
        double[] seconds = IntStream.range(0, recording.clients().length).asDoubleStream().toArray();
        line(lines, "clients that come", seconds, recording.clients(), SOFT, SeriesLines.DASH_DASH);
        line(lines, "answers that can be computed", seconds,
             Arrays.stream(seconds).map(second -> recording.capacity()).toArray(), UNKNOWN, SeriesLines.DOT_DOT);
        CategoryChart bars = new CategoryChartBuilder().width(BARS_WIDTH).height(HEIGHT)
                .title("Computed for nobody").yAxisTitle("seconds of a processor").build();
        style(bars.getStyler());
        bars.getStyler().setYAxisTickMarkSpacingHint(55).setLegendVisible(false);
        for (Series series : recording.useful().keySet()) {
            line(lines, "useful answers: " + series.title(), seconds, recording.useful().get(series), color(series),
                 SeriesLines.SOLID);
            bars.addSeries(series.title(), List.of(" "), List.of(recording.wasted().get(series))).setFillColor(color(series));
        }
        BufferedImage image = new BufferedImage(WIDTH + BARS_WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        lines.paint(graphics, WIDTH, HEIGHT);
        graphics.translate(WIDTH, 0);
        bars.paint(graphics, BARS_WIDTH, HEIGHT);
        graphics.dispose();
        ImageIO.write(image, "png", file.toFile());
    }

    /** The page's colours for what is wasted, for what is useful, and for what has the focus. */
    private static Color color(Series series) {
        return switch (series) {
        case NO_CONTEXT -> new Color(0xb3400e);
        case WITH_CONTEXT -> new Color(0x0b6b62);
        case SHARED -> new Color(0x1656c9);
        case CLUSTERED -> new Color(0x7b2fa8);
        };
    }

    private static void line(XYChart chart, String name, double[] seconds, double[] values, Color color, BasicStroke stroke) {
        chart.addSeries(name, seconds, values)
                .setMarker(SeriesMarkers.NONE)
                .setLineColor(color)
                .setLineStyle(stroke)
                .setLineWidth(LINE_WIDTH);
    }

    private static void style(AxesChartStyler styler) {
        styler.setChartBackgroundColor(GROUND);
        styler.setPlotBackgroundColor(GROUND);
        styler.setPlotBorderVisible(false);
        styler.setPlotGridLinesColor(LINE);
        styler.setPlotGridVerticalLinesVisible(false);
        styler.setAxisTicksLineVisible(false);
        styler.setAxisTicksMarksVisible(false);
        styler.setAxisTickLabelsColor(SOFT);
        styler.setChartFontColor(INK);
        styler.setLegendBorderColor(GROUND);
        styler.setLegendBackgroundColor(GROUND);
        styler.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
        styler.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
        styler.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
        styler.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    }
}
