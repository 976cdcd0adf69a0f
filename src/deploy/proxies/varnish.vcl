# Varnish: varnishd -a :8000 -f varnish.vcl -p feature=+http2. The server under Hangup listens on 127.0.0.1:8080.
vcl 4.1;

backend app {
    .host = "127.0.0.1";
    .port = "8080";
    .first_byte_timeout = 65s;
    .between_bytes_timeout = 65s;
}

sub vcl_recv {
    # Varnish tells of no client that leaves before it has to write: this bounds the work. The deadline that a client asks for, if
    # it is below ten seconds; otherwise ten seconds
    if (req.http.X-Request-Timeout-Ms !~ "^[1-9][0-9]{0,3}$") {
        set req.http.X-Request-Timeout-Ms = "10000";
    }
    # set, not added: whatever a client says of itself ends here
    set req.http.X-Forwarded-For = client.ip;
    # a request of HTTP/1.1 whose client is to be told of: return (pipe)
    return (pass);
}

sub vcl_pipe {
    set bereq.http.Connection = "close";
}
