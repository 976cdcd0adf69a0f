package dev.hangup.proxies;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The programs, each with a file below {@code src/deploy/proxies}, and what it needs to run in a folder, as anybody. */
enum Proxy {
    NGINX("nginx", "nginx.conf") {
        @Override
        List<String> command(Path folder, String configuration, int port) throws IOException {
            Path site = Files.writeString(folder.resolve("site.conf"), configuration);
            String temporary = Stream.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
                    .map(it -> it + "_temp_path " + folder.resolve(it) + ";")
                    .reduce("", String::concat);
            Path all = Files.writeString(folder.resolve("nginx.conf"), (ROOT ? "user root;" : "") + """
                    daemon off; worker_processes 1; pid %s/pid; error_log stderr;
                    events { }
                    http { access_log %s/access.log; %s include %s; }
                    """.formatted(folder, folder, temporary, site));
            return List.of("-p", folder.toString(), "-e", "stderr", "-c", all.toString());
        }
    },
    HAPROXY("haproxy", "haproxy.cfg") {
        @Override
        List<String> command(Path folder, String configuration, int port) throws IOException {
            return List.of("-db", "-f", Files.writeString(folder.resolve("haproxy.cfg"), configuration).toString());
        }
    },
    VARNISH("varnishd", "varnish.vcl") {
        @Override
        List<String> command(Path folder, String configuration, int port) throws IOException {
            return List.of("-F", "-j", "none", "-n", folder.toString(), "-s", "malloc,32m", "-a", ":" + port,
                           "-p", "feature=+http2",
                           "-f", Files.writeString(folder.resolve("varnish.vcl"), configuration).toString());
        }
    },
    APACHE("apache2", "apache.conf") {
        @Override
        List<String> command(Path folder, String configuration, int port) throws IOException {
            String modules = Stream.of("mpm_event", "authz_core", "headers", "http2", "proxy", "proxy_http", "proxy_http2")
                    .map(it -> "LoadModule " + it + "_module /usr/lib/apache2/modules/mod_" + it + ".so\n")
                    .reduce("", String::concat);
            Path all = Files.writeString(folder.resolve("apache.conf"), modules + (ROOT ? "User www-data\n" : "") + """
                    ServerName localhost
                    StartServers 1
                    DefaultRuntimeDir %s
                    PidFile %s/pid
                    ErrorLog %s/error.log
                    CustomLog %s/access.log "%%h \\"%%r\\" %%>s %%b %%D us, %%X"
                    """.formatted(folder, folder, folder, folder) + configuration);
            return List.of("-d", folder.toString(), "-f", all.toString(), "-DFOREGROUND");
        }
    },
    CADDY("caddy", "Caddyfile") {
        @Override
        List<String> command(Path folder, String configuration, int port) throws IOException {
            return List.of("run", "--adapter", "caddyfile", "--config",
                           Files.writeString(folder.resolve("Caddyfile"), configuration).toString());
        }
    },
    SQUID("squid", "squid.conf") {
        @Override
        List<String> command(Path folder, String configuration, int port) throws IOException {
            // started as root, it goes on as a user of its own
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
            return List.of("-N", "-n", "hangup" + port, "-f", Files.writeString(folder.resolve("squid.conf"), configuration + """
                    pid_filename %s/pid
                    access_log stdio:%s/access.log
                    cache_log %s/cache.log
                    coredump_dir %s
                    pinger_enable off
                    visible_hostname localhost
                    shutdown_lifetime 0 seconds
                    """.formatted(folder, folder, folder, folder)).toString());
        }
    };

    /** Where a process's standard output goes, in its folder. */
    static final String OUTPUT = "output";
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

    private final String program;
    private final String file;

    Proxy(String program, String file) {
        this.program = program;
        this.file = file;
    }

    /** Its program's name. */
    String program() {
        return program;
    }

    /** The file with its configuration. */
    Path file() {
        return Path.of("src", "deploy", "proxies", file);
    }

    /** The program; empty if it is not installed. */
    Optional<Path> installed() {
        return Stream.concat(Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/usr/local/sbin"))
                .map(it -> Path.of(it, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Writes what it needs to a folder; returns its arguments. */
    abstract List<String> command(Path folder, String configuration, int port) throws IOException;
}
