package dev.hangup.docs;

import java.net.URI;
import java.util.List;

import javax.tools.SimpleJavaFileObject;

/** The source of a class that has a block of a document in it, under the name of the document and with its lines. */
final class JavaFragment extends SimpleJavaFileObject {
    /** Whatever the documents' examples use, so that they need not say so. */
    private static final String IMPORTS = """
            import java.io.*; import java.net.*; import java.net.http.*; import java.nio.charset.*; import java.time.*; \
            import java.util.*; import java.util.concurrent.*; import jdk.net.ExtendedSocketOptions; \
            import dev.hangup.*; import dev.hangup.abandonment.*; import dev.hangup.admission.*; import dev.hangup.client.*; \
            import dev.hangup.coalescing.*; import dev.hangup.cpu.*; import dev.hangup.isolated.*; import dev.hangup.metrics.*; \
            import dev.hangup.outcome.*; import dev.hangup.process.*; import dev.hangup.sql.*; import dev.hangup.sse.*; \
            import dev.hangup.tls.*; import io.helidon.webclient.api.WebClient; import io.helidon.webserver.*; \
            import io.helidon.webserver.http.HttpRouting; import io.helidon.webserver.http.ServerRequest; import io.opentelemetry.api.trace.*; import io.opentelemetry.context.Context; \
            import static org.junit.jupiter.api.Assertions.*; \
            """;

    private final Block block;
    private final String source;

    /**
     * A block in the code that its kind of fragment stands in.
     *
     * @param block  a Java block
     * @param number tells its class from others
     * @param others the blocks of members that come before it in its document
     */
    JavaFragment(Block block, int number, List<Block> others) {
        super(URI.create("string:///" + number + "/" + name(block, number) + ".java"), Kind.SOURCE);
        this.block = block;
        this.source = block.attribute("file").isPresent() ? block.text() : wrapped(number, others);
    }

    Block block() {
        return block;
    }

    /** The line in the document of a line of the source. */
    long lineInDocument(long line) {
        return block.line() + line - (block.attribute("file").isPresent() ? 1 : 2);
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return source;
    }

    private String wrapped(int number, List<Block> others) {
        StringBuilder members = new StringBuilder();
        others.forEach(it -> members.append(it.text().replace('\n', ' ')));
        String begin = "package docs.block" + number + "; " + IMPORTS.strip() + " abstract class " + name(block, number)
                + " extends dev.hangup.docs.ExampleService { " + members;
        return switch (block.attribute("fragment").orElseThrow(() -> new AssertionError(block + " does not say what it is"))) {
        case "members" -> begin + "\n" + block.text() + "}";
        case "statements" -> begin + " void run() throws Exception {\n" + block.text() + "}}";
        case "computation" -> begin + " Object compute(ServerRequest request) throws Exception {\n" + block.text() + "}}";
        case "routing" -> begin + " void route(HttpRouting.Builder routing) throws Exception {\n" + block.text() + "}}";
        default -> throw new AssertionError(block + " is a fragment of an unknown kind");
        };
    }

    private static String name(Block block, int number) {
        return block.attribute("file").map(it -> it.replaceAll(".*/|\\.java", "")).orElse("Block" + number);
    }
}
