package dev.hangup.docs;

import java.net.URI;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.tools.SimpleJavaFileObject;

/** The source of a class that has a block of a document in it, under the name of the document and with its lines. */
final class JavaFragment extends SimpleJavaFileObject {
    /** Whatever the documents' examples use, so that they need not say so. */
    private static final String IMPORTS = Stream.of(
                    "java.io.*", "java.net.*", "java.net.http.*", "java.nio.charset.*", "java.time.*", "java.util.*",
                    "java.util.concurrent.*", "jdk.net.ExtendedSocketOptions", "dev.hangup.*", "dev.hangup.abandonment.*",
                    "dev.hangup.admission.*", "dev.hangup.client.*", "dev.hangup.cluster.*", "dev.hangup.coalescing.*",
                    "dev.hangup.cpu.*",
                    "dev.hangup.isolated.*", "dev.hangup.metrics.*", "dev.hangup.outcome.*", "dev.hangup.process.*",
                    "dev.hangup.sql.*", "dev.hangup.sse.*", "dev.hangup.tls.*", "io.helidon.webclient.api.WebClient",
                    "io.helidon.faulttolerance.*", "io.helidon.webserver.*", "io.helidon.webserver.http.HttpRouting",
                    "io.helidon.webserver.http.ServerRequest", "io.opentelemetry.api.trace.*",
                    "io.opentelemetry.context.Context", "org.apache.hc.client5.http.classic.methods.HttpGet",
                    "org.apache.hc.core5.http.io.entity.EntityUtils", "static org.junit.jupiter.api.Assertions.*")
            .map(it -> "import " + it + "; ")
            .collect(Collectors.joining());

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
        String begin = "package docs.block" + number + "; " + IMPORTS + "abstract class " + name(block, number)
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
