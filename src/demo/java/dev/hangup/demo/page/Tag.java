package dev.hangup.demo.page;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;

/**
 * A tag that a page sends with its requests, in order to recognise them among those of others. The two requests of a pair have
 * the same tag: when Hangup notices that the client of one has left, nobody waits for the other either.
 *
 * @param text a random text from the page
 */
record Tag(String text) {
    private static final HeaderName HEADER = HeaderNames.create("Page-Tag");
    private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9-]{1,36}");

    /** Returns the tag of a request, if it has one. */
    static Optional<Tag> of(ServerRequest request) {
        if (!request.headers().contains(HEADER)) {
            return Optional.empty();
        }
        Header header = request.headers().get(HEADER);
        List<String> values = header.allValues();
        if (values.size() != 1 || !ALLOWED.matcher(values.getFirst()).matches()) {
            throw new HttpException(HEADER.defaultCase() + " must be 1 to 36 letters, digits and hyphens",
                                    Status.BAD_REQUEST_400, true);
        }
        return Optional.of(new Tag(values.getFirst()));
    }
}
