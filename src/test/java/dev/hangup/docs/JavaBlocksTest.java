package dev.hangup.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/** The Java code in the documents. */
class JavaBlocksTest {
    @TempDir
    private Path classes;

    /** Without {@code --enable-preview} where the documents say so. */
    @Test
    void eachCompiles() {
        List<JavaFragment> fragments = fragments();
        assertFalse(fragments.isEmpty());
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        compiler.getTask(null, null, found, CompilerOptions.with("-proc:none", "-implicit:none", "-d", classes.toString()), null,
                         fragments).call();
        assertEquals(List.of(), found.getDiagnostics().stream()
                .filter(it -> it.getKind() == Diagnostic.Kind.ERROR)
                .map(JavaBlocksTest::text)
                .toList());
    }

    @Test
    void eachThatIsTakenFromATestIsStillThere() throws IOException {
        List<String> missing = new ArrayList<>();
        for (Block block : Block.all("java")) {
            if (block.attribute("from").isPresent()) {
                List<String> source = Files.readAllLines(Path.of(block.attribute("from").get())).stream()
                        .map(JavaBlocksTest::bare)
                        .toList();
                int from = source.indexOf(bare(block.lines().getFirst()));
                List<String> wanted = block.lines().stream().map(JavaBlocksTest::bare).toList();
                if (from < 0 || !source.subList(from, Math.min(source.size(), from + wanted.size())).equals(wanted)) {
                    missing.add(block.toString());
                }
            }
        }
        assertEquals(List.of(), missing);
    }

    private static List<JavaFragment> fragments() {
        List<JavaFragment> fragments = new ArrayList<>();
        for (Document document : Document.all()) {
            List<Block> members = new ArrayList<>();
            for (Block block : document.blocks()) {
                if (block.language().equals("java")) {
                    fragments.add(new JavaFragment(block, fragments.size(), members));
                    if (block.attribute("fragment").filter("members"::equals).isPresent()) {
                        members.add(block);
                    }
                }
            }
        }
        return fragments;
    }

    private static String text(Diagnostic<? extends JavaFileObject> found) {
        String place = found.getSource() instanceof JavaFragment it
                ? it.block().document().path() + ":" + it.lineInDocument(found.getLineNumber())
                : String.valueOf(found.getSource());
        return place + ": " + found.getMessage(Locale.ROOT);
    }

    private static String bare(String line) {
        return line.strip().replaceFirst("^private ", "");
    }
}
