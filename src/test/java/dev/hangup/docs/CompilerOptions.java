package dev.hangup.docs;

import java.util.ArrayList;
import java.util.List;

/** What code that uses test classes is compiled with: no preview features, as long as that is possible. */
final class CompilerOptions {
    /** There, value classes are a preview feature, and test classes that name one, such as {@code Optional}, seem to use it. */
    private static final int RELEASE_WITH_VALUE_CLASSES = 28;

    private CompilerOptions() {
    }

    static List<String> with(String... options) {
        List<String> all = new ArrayList<>(List.of("-Xlint:none", "-classpath", System.getProperty("java.class.path")));
        all.addAll(List.of(options));
        int release = Runtime.version().feature();
        if (release >= RELEASE_WITH_VALUE_CLASSES) {
            all.addAll(List.of("--enable-preview", "--release", String.valueOf(release)));
        }
        return all;
    }
}
