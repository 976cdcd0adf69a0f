package dev.hangup.internal.cluster;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import dev.hangup.Deadline;

import io.helidon.common.tls.Tls;
import io.helidon.http.BadRequestException;
import io.helidon.http.ClientResponseHeaders;
import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.media.ReadableEntity;
import io.helidon.webclient.api.ClientUri;
import io.helidon.webclient.api.ConnectedSocketChannelInfo;
import io.helidon.webclient.api.ConnectedSocketInfo;
import io.helidon.webclient.api.ConnectionListener;
import io.helidon.webclient.api.DefaultDnsResolver;
import io.helidon.webclient.api.DnsAddressLookup;
import io.helidon.webclient.api.HttpClientResponse;
import io.helidon.webclient.api.Proxy;
import io.helidon.webclient.api.WebClient;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/**
 * The wire format of a relayed request and its response. A response has status 200, whatever it contains: any other status means
 * that the member has not processed the request, for example because it stops. Only bytes and text are read.
 */
final class RelayWire {
    private static final System.Logger LOGGER = System.getLogger(RelayWire.class.getName());
    private static final HeaderName RESPONSE = HeaderNames.create("Hangup-Response");
    private static final HeaderName SOURCE = HeaderNames.create("Hangup-Source");
    private static final HeaderName AGE_MILLIS = HeaderNames.create("Hangup-Age-Ms");
    private static final HeaderName STATUS = HeaderNames.create("Hangup-Status");
    private static final HeaderName TYPE = HeaderNames.create("Hangup-Type");
    /** Whether the exception has a message, which is sent as the content. */
    private static final HeaderName MESSAGE = HeaderNames.create("Hangup-Message");
    private static final HeaderName LEFT_MILLIS = HeaderNames.create("Hangup-Left-Ms");
    private static final String FAILURE = "FAILURE";
    private static final String UNSENDABLE = "UNSENDABLE";
    private static final String HEADER_PREFIX = "Hangup-Header-";
    /** The maximum size of a key and of a response, in bytes. It keeps members from exhausting each other's memory. */
    static final int MAX_BYTES = 16 * 1024 * 1024;
    /** The maximum size of the headers of an exception, in bytes. Helidon's client reads 16 KiB of headers, the others included. */
    private static final int MAX_HEADERS = 15_000;
    /** The colon, a space and the end of the line. */
    private static final int HEADER_OVERHEAD = 4;
    private static final byte[] NO_BYTES = {};
    private static final Duration LONGEST = Duration.ofDays(1);
    /** No deadline has more digits. */
    private static final Pattern MILLIS = Pattern.compile("[0-9]{1,13}");

    private final WebClient client;
    /** The sockets of the calls, each set on the thread of its call. */
    private final ThreadLocal<Socket> sockets = new ThreadLocal<>();

    RelayWire(Tls tls, Duration goneAfter) {
        this.client = WebClient.builder()
                .tls(tls)
                .connectTimeout(goneAfter)
                .socketOptions(it -> ConnectionOptions.goneAfter(goneAfter).set(it))
                .connectionListener(new ConnectionListener() {
                    @Override
                    public void socketConnected(ConnectedSocketInfo connected) {
                        sockets.set(connected.socket());
                    }

                    @Override
                    public void socketChannelConnected(ConnectedSocketChannelInfo connected) {
                    }
                })
                // an interrupt soon after a request on a kept connection leaves it open (Helidon 4.5.0, IdleInputStream.endIdle);
                // a new one resumes the TLS session
                .keepAlive(false)
                .followRedirects(false)
                .servicesDiscoverServices(false)
                // members are reached as their membership reaches them, whatever proxy the JVM has for others
                .proxy(Proxy.noProxy())
                .dnsResolver(RelayWire::resolve)
                // the bound of a response is that of its bytes on the wire
                .contentEncoding(ContentEncodingContext.builder().contentEncodingsDiscoverServices(false).build())
                .protocolPreference(List.of("http/1.1"))
                .build();
    }

    /**
     * Calls a member. Returns empty if it sends no valid response, or more than {@link #MAX_BYTES}, and throws any exception if it
     * cannot be reached.
     */
    Optional<RelayResponse> call(String member, String route, String id, byte[] key, Deadline deadline) {
        // the connection is closed with the last waiter here; these times apply only to connections that are not closed
        try (HttpClientResponse response = client.post().uri(uri(member, route, id))
                .header(Deadline.HEADER_NAME, String.valueOf(LONGEST.toMillis()))
                .header(LEFT_MILLIS, String.valueOf(deadline.remaining().toMillis()))
                .readTimeout(LONGEST)
                .submit(key)) {
            if (response.status().code() != Status.OK_200.code() || !isBounded(response.headers())) {
                return Optional.empty();
            }
            return Optional.of(parse(response.headers(), bytes(response.entity())));
        } finally {
            closeSocket();
        }
    }

    /** Sends a member the later deadline of a call. Returns whether it knows the call. */
    boolean extend(String member, String route, String id, Deadline deadline) {
        try (HttpClientResponse response = client.put().uri(uri(member, route, id))
                .header(LEFT_MILLIS, String.valueOf(deadline.remaining().toMillis()))
                .readTimeout(deadline.remaining())
                .request()) {
            return response.status().code() == Status.NO_CONTENT_204.code();
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "No response from member " + member, e);
            return false;
        } finally {
            closeSocket();
        }
    }

    /**
     * Closes the socket of the call of this thread. Helidon 4.5.0 leaves it open if the peer ends the connection before its
     * response, or sends one that cannot be parsed ({@code Http1CallChainBase.readResponse}).
     */
    private void closeSocket() {
        Socket socket = sockets.get();
        sockets.remove();
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                LOGGER.log(System.Logger.Level.DEBUG, "Could not close " + socket, e);
            }
        }
    }

    /**
     * Returns the address of a member, whose name is the text of its URI. Helidon 4.5.0 asks an address for its name
     * ({@code Tls.createSocket}); that of an address without one is looked up, for as long as the name servers take.
     */
    private static InetAddress resolve(String host, DnsAddressLookup lookup) {
        InetAddress address = DefaultDnsResolver.create().resolveAddress(host, lookup);
        try {
            return address instanceof Inet6Address scoped && scoped.getScopeId() != 0
                    ? Inet6Address.getByAddress(host, scoped.getAddress(), scoped.getScopeId())
                    : InetAddress.getByAddress(host, address.getAddress());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("An address has the length of one", e);
        }
    }

    /**
     * Whether this is a response of a member, and short enough to be read. Members never send chunks, which Helidon would read
     * without a bound, and never compress what they send.
     */
    private static boolean isBounded(ClientResponseHeaders headers) {
        return headers.contains(RESPONSE) && !headers.contains(HeaderNames.TRANSFER_ENCODING)
                && !headers.contains(HeaderNames.CONTENT_ENCODING)
                && headers.contentLength().orElse(Long.MAX_VALUE) <= MAX_BYTES;
    }

    /** Returns the bytes of a message. A message without bytes has no entity; Helidon throws an exception if it is read. */
    static byte[] bytes(ReadableEntity entity) {
        return entity.hasEntity() ? entity.as(byte[].class) : NO_BYTES;
    }

    /**
     * Returns the URI of a call. It is composed of its parts. If it were text, Helidon 4.5.0 would encode the brackets of an IPv6
     * address, and would replace a host that {@link java.net.URI} does not accept, such as that one or a name with an underscore,
     * by {@code localhost:443} ({@code ClientRequestBase.uri}).
     *
     * @param id needs no encoding, as a route's name needs none
     */
    static ClientUri uri(String member, String route, String id) {
        int colon = member.lastIndexOf(':');
        return ClientUri.create()
                .scheme("https")
                .host(member.substring(0, colon))
                .port(Integer.parseInt(member.substring(colon + 1)))
                .path("/" + route + "/" + id);
    }

    /** Returns the deadline of a request; status 400 if it has none. */
    static Deadline deadline(ServerRequest request) {
        String millis = request.headers().first(LEFT_MILLIS).orElse("");
        if (!MILLIS.matcher(millis).matches()) {
            throw new BadRequestException(LEFT_MILLIS.defaultCase() + " must be a number of milliseconds");
        }
        return Deadline.in(Duration.ofMillis(Long.parseLong(millis)));
    }

    /**
     * Sends a response, reduced to what can be sent. After any status other than 200, each other member would compute the key in
     * turn.
     */
    static void send(RelayResponse relayed, ServerResponse response) {
        switch (relayed) {
        case RelayResponse.Result result when result.value().length > MAX_BYTES -> {
            LOGGER.log(System.Logger.Level.WARNING, "A result of " + result.value().length + " bytes is not sent to another member,"
                    + " which computes it itself: the maximum is " + MAX_BYTES);
            send(new RelayResponse.Unsendable(), response);
        }
        case RelayResponse.Result result -> {
            response.header(RESPONSE, result.kind().name());
            response.header(SOURCE, result.source().name());
            response.header(AGE_MILLIS, String.valueOf(result.age().toMillis()));
            response.send(result.value());
        }
        case RelayResponse.Unsendable ignored -> response.header(RESPONSE, UNSENDABLE).send(NO_BYTES);
        case RelayResponse.Failure failure -> {
            List<Header> headers = headers(failure);
            byte[] message = failure.message().orElse("").getBytes(StandardCharsets.UTF_8);
            if (message.length > MAX_BYTES || !areSendable(headers)) {
                send(failure.reduced(), response);
                return;
            }
            response.header(RESPONSE, FAILURE);
            response.header(TYPE, failure.type());
            response.header(STATUS, String.valueOf(failure.status()));
            headers.forEach(response::header);
            response.header(MESSAGE, String.valueOf(failure.message().isPresent()));
            response.send(message);
        }
        }
    }

    private static List<Header> headers(RelayResponse.Failure failure) {
        return failure.headers().entrySet().stream()
                .map(it -> HeaderValues.create(HeaderNames.create(HEADER_PREFIX + it.getKey()), it.getValue()))
                .toList();
    }

    private static boolean areSendable(List<Header> headers) {
        int size = 0;
        try {
            for (Header header : headers) {
                header.validate();
                for (String value : header.allValues()) {
                    size += header.name().length() + value.length() + HEADER_OVERHEAD;
                }
            }
        } catch (IllegalArgumentException e) {
            return false;
        }
        return size <= MAX_HEADERS;
    }

    private static RelayResponse parse(ClientResponseHeaders headers, byte[] body) {
        String kind = headers.get(RESPONSE).get();
        if (kind.equals(UNSENDABLE)) {
            return new RelayResponse.Unsendable();
        }
        if (!kind.equals(FAILURE)) {
            return new RelayResponse.Result(RelayResponse.Kind.valueOf(kind), body,
                                            RelayResponse.Source.valueOf(headers.get(SOURCE).get()),
                                            age(headers.get(AGE_MILLIS).get()));
        }
        Map<String, List<String>> passed = new LinkedHashMap<>();
        for (Header header : headers) {
            if (header.name().regionMatches(true, 0, HEADER_PREFIX, 0, HEADER_PREFIX.length())) {
                passed.put(header.name().substring(HEADER_PREFIX.length()), List.copyOf(header.allValues()));
            }
        }
        Optional<String> message = Optional.of(new String(body, StandardCharsets.UTF_8))
                .filter(text -> Boolean.parseBoolean(headers.get(MESSAGE).get()));
        return new RelayResponse.Failure(headers.get(TYPE).get(), Integer.parseInt(headers.get(STATUS).get()), message, passed);
    }

    private static Duration age(String millis) {
        Duration age = Duration.ofMillis(Long.parseLong(millis));
        if (age.isNegative()) {
            throw new IllegalArgumentException("The age of a result is negative: " + millis);
        }
        return age;
    }
}
