package dev.hangup.demo;

import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * Starts the demo, or says in one line why this Java can't run it. Compiled for Java 17 and without preview features,
 * unlike all the rest, of which nothing may be loaded before {@link #missing()} and {@link #refusal()} have looked.
 */
public final class Main {
    private Main() {
    }

    public static void main(String[] args) throws Exception {
        List<String> missing = missing();
        String refusal = missing.isEmpty() ? refusal() : System.getProperty("java.class.path") + " needs hangup.jar and the"
                + " folder libs beside it: " + missing.get(0) + " is missing"
                + (missing.size() == 1 ? "" : ", and " + (missing.size() - 1) + " more");
        if (refusal != null) {
            System.err.println(refusal);
            System.exit(1);
        }
        Demo.start(args);
    }

    /** The files that are named in the manifest and not there, if this is a jar that was started by {@code -jar}. */
    private static List<String> missing() throws IOException {
        File jar = new File(System.getProperty("java.class.path")).getAbsoluteFile();
        if (!jar.isFile()) {
            return List.of();
        }
        try (JarFile opened = new JarFile(jar)) {
            return Optional.ofNullable(opened.getManifest()).stream()
                    .map(it -> it.getMainAttributes().getValue(Attributes.Name.CLASS_PATH))
                    .flatMap(it -> it == null ? Stream.empty() : Stream.of(it.split(" ")))
                    .filter(it -> !new File(jar.getParentFile(), it).exists())
                    .toList();
        }
    }

    private static String refusal() throws IOException, ClassNotFoundException {
        try {
            Class.forName("dev.hangup.internal.race.Scope", false, Main.class.getClassLoader());
            return null;
        } catch (UnsupportedClassVersionError e) {
            // with -jar, the class path is the jar as it was named on the command line
            String command = "java --enable-preview -jar " + System.getProperty("java.class.path");
            int built = releaseOf("/dev/hangup/internal/race/Scope.class");
            int here = Runtime.version().feature();
            return here == built
                    ? "Hangup uses a preview API of Java " + built + ": run " + command
                    : "This build of Hangup runs on Java " + built + " and this is Java " + here + ": run, with JDK "
                            + built + ", " + command + " - or build with another JDK, 21 or newer: ./mvnw package";
        }
    }

    /** The Java release that a class file is for. */
    private static int releaseOf(String resource) throws IOException {
        try (DataInputStream classFile = new DataInputStream(Main.class.getResourceAsStream(resource))) {
            classFile.skipBytes(6);
            return classFile.readUnsignedShort() - 44;
        }
    }
}
