package dev.hangup.internal.connection;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.management.JMException;
import javax.management.ObjectName;

import dev.hangup.testing.LiveThreads;

/**
 * What this JVM uses.
 *
 * @param threads platform threads and virtual ones, but not those that carry these: the JDK keeps spare ones for a while
 * @param sockets open ones
 * @param heap    bytes, after a collection
 */
public record Usage(long threads, long sockets, long heap) {
    private static final String READER = "] read-ahead";
    private static final String CARRIER = "ForkJoinPool-1-worker-";

    /** What it is now. It takes a whole collection: {@link #openSockets()} does not. */
    public static Usage now() {
        return new Usage(countThreads(it -> !it.startsWith(CARRIER)), openSockets(), measureHeap());
    }

    /** How many sockets are open. */
    public static long openSockets() {
        return countDescriptors("socket:");
    }

    /** How many threads run connections, or read ahead for them. */
    public static long connectionThreads() {
        return countUnscoped(it -> it.endsWith("] WebServer socket") || it.endsWith(READER));
    }

    /** How many threads write what is queued for connections of HTTP/2. */
    public static long writers() {
        return countUnscoped(it -> it.endsWith("] writer"));
    }

    /** How many threads read ahead. */
    public static long readers() {
        return countUnscoped(it -> it.endsWith(READER));
    }

    /** How many threads run streams of HTTP/2. */
    public static long streamThreads() {
        return countThreads(it -> it.contains(" ] - "));
    }

    /** How many threads have exactly this name. */
    public static long threads(String name) {
        return countThreads(name::equals);
    }

    /** How many objects of exactly these classes are reachable. It takes a whole collection, so ask once for all classes. */
    public static long instances(Class<?>... types) {
        Set<String> names = Arrays.stream(types).map(Class::getName).collect(Collectors.toSet());
        try {
            String histogram = (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(new ObjectName("com.sun.management:type=DiagnosticCommand"), "gcClassHistogram",
                            new Object[] {new String[0]}, new String[] {String[].class.getName()});
            return histogram.lines()
                    .map(line -> line.strip().split("\\s+"))
                    .filter(columns -> columns.length > 3 && names.contains(columns[3]))
                    .mapToLong(columns -> Long.parseLong(columns[1]))
                    .sum();
        } catch (JMException e) {
            throw new IllegalStateException("No class histogram", e);
        }
    }

    /** How many descriptors of pipes are open. */
    public static long pipes() {
        return countDescriptors("pipe:");
    }

    private static long countThreads(Predicate<String> name) {
        return LiveThreads.now().map(Thread::getName).filter(name).count();
    }

    private static long countUnscoped(Predicate<String> name) {
        return LiveThreads.unscoped().map(Thread::getName).filter(name).count();
    }

    private static long countDescriptors(String kind) {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.filter(it -> is(kind, it)).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean is(String kind, Path file) {
        try {
            return Files.readSymbolicLink(file).toString().startsWith(kind);
        } catch (IOException e) {
            // closed meanwhile
            return false;
        }
    }

    private static long measureHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
