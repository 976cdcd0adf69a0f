package dev.hangup.restart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A proxy before the replicas, with its configuration in {@code src/deploy}, whose addresses are replaced. */
final class Balancer implements AutoCloseable {
    private final Kind kind;
    private final int port;
    private final List<Replica> replicas;
    private final Path folder;
    private final Set<Replica> down = new HashSet<>();
    private Process process;

    Balancer(Kind kind, int port, List<Replica> replicas, Path folder) {
        this.kind = kind;
        this.port = port;
        this.replicas = replicas;
        this.folder = folder;
    }

    void start() throws IOException {
        configure();
        process = run(kind == Kind.HAPROXY ? List.of("-db", "-f", file().toString())
                              : List.of("-p", folder.toString(), "-c", file().toString(), "-g", "daemon off;"));
    }

    /** Called before a replica gets its SIGTERM: nginx has no health checks of its own, and is told. */
    void takeOut(Replica replica) throws IOException, InterruptedException {
        down.add(replica);
        reload();
    }

    /** Called when a replica is ready again. */
    void putBack(Replica replica) throws IOException, InterruptedException {
        down.remove(replica);
        reload();
    }

    int port() {
        return port;
    }

    private void reload() throws IOException, InterruptedException {
        if (kind == Kind.NGINX) {
            configure();
            int status = run(List.of("-p", folder.toString(), "-c", file().toString(), "-s", "reload")).waitFor();
            if (status != 0) {
                throw new IllegalStateException("nginx -s reload has ended with " + status);
            }
        }
    }

    private Process run(List<String> options) throws IOException {
        List<String> command = new ArrayList<>(List.of(kind.program()));
        command.addAll(options);
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(
                ProcessBuilder.Redirect.appendTo(folder.resolve("proxy.log").toFile())).start();
    }

    /** Without the replicas of the file that are not there. */
    private void configure() throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("src/deploy", kind.file()))) {
            String configured = line.replace("listen 8000", "listen 127.0.0.1:" + port)
                    .replace("pid /run/nginx.pid", "pid " + folder.resolve("nginx.pid"))
                    .replace("bind :8000", "bind 127.0.0.1:" + port)
                    // a machine that runs all of this may be slow, but no replica is lost for that
                    .replace("timeout check 2s", "timeout check 20s")
                    .replace("connect 2s", "connect 20s")
                    .replace("connect_timeout 2s", "connect_timeout 20s");
            for (int i = 0; i < replicas.size(); i++) {
                Replica replica = replicas.get(i);
                configured = configured.contains("replica-" + (i + 1) + ":8080")
                        ? configured.replace("replica-" + (i + 1) + ":8080", "127.0.0.1:" + replica.port()
                                        + (down.contains(replica) && kind == Kind.NGINX ? " down" : ""))
                                .replace("check port 8081", "check port " + replica.operators())
                        : configured;
            }
            if (!configured.contains(":8080")) {
                lines.add(configured);
            }
        }
        Files.write(file(), lines);
    }

    private Path file() {
        return folder.resolve(kind.file());
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroy();
            process.onExit().join();
        }
    }

    /** The kinds of proxies. */
    enum Kind {
        /** Is told before each restart. */
        NGINX("nginx", "nginx.conf"),
        /** Finds out by its passive checks alone: what a SIGTERM costs behind an nginx that is not told. */
        NGINX_UNTOLD("nginx", "nginx.conf"),
        /** Checks the readiness. */
        HAPROXY("haproxy", "haproxy.cfg");

        private final String program;
        private final String file;

        Kind(String program, String file) {
            this.program = program;
            this.file = file;
        }

        String program() {
            // Debian has it where only root's path leads
            return Files.isExecutable(Path.of("/usr/sbin", program)) ? "/usr/sbin/" + program : program;
        }

        String file() {
            return file;
        }
    }
}
