package dev.hangup.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What a reader of the documents can reach. */
class LinksTest {
    private static final int README_BYTES = 10 * 1024;

    @Test
    void eachLinkLeadsToAFileAndAHeadingOfIt() {
        List<String> dead = new ArrayList<>();
        for (Document document : Document.all()) {
            document.links().stream()
                    .filter(it -> !it.matches("https?://.*"))
                    .filter(it -> !leadsSomewhere(document, it))
                    .forEach(it -> dead.add(document.path() + ": " + it));
        }
        assertEquals(List.of(), dead);
    }

    @Test
    void readmeLinksToEachDocument() {
        List<String> links = Document.read(Document.README).links();
        List<Path> missing = Document.all().stream()
                .map(Document::path)
                .filter(it -> !it.equals(Document.README))
                .filter(it -> !links.contains(it.toString()))
                .toList();
        assertEquals(List.of(), missing);
    }

    @Test
    void readmeIsShort() throws IOException {
        long size = Files.size(Document.README);
        assertTrue(size <= README_BYTES, size + " bytes");
    }

    private static boolean leadsSomewhere(Document from, String link) {
        int hash = link.indexOf('#');
        String file = hash < 0 ? link : link.substring(0, hash);
        Path target = file.isEmpty() ? from.path() : from.path().resolveSibling(file).normalize();
        return Files.isRegularFile(target)
                && (hash < 0 || Document.read(target).anchors().contains(link.substring(hash + 1)));
    }
}
