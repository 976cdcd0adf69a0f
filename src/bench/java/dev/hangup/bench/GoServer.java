package dev.hangup.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** The same loops and trivial requests in Go, whose scheduler preempts them; where the machine has Go (Debian: golang-go). */
final class GoServer implements AutoCloseable {
    private static final String SOURCE = """
            package main

            import (
                "fmt"
                "net"
                "net/http"
                "strconv"
                "time"
            )

            func main() {
                http.HandleFunc("/no-context", func(w http.ResponseWriter, r *http.Request) {
                    w.Write([]byte("ok"))
                })
                http.HandleFunc("/with-context/loop", func(w http.ResponseWriter, r *http.Request) {
                    seconds, _ := strconv.ParseFloat(r.URL.Query().Get("seconds"), 64)
                    end := time.Now().Add(time.Duration(seconds * 1e9))
                    for time.Now().Before(end) && r.Context().Err() == nil {
                    }
                    w.Write([]byte("looped"))
                })
                listener, err := net.Listen("tcp", "127.0.0.1:0")
                if err != nil {
                    panic(err)
                }
                fmt.Println(listener.Addr().(*net.TCPAddr).Port)
                panic(http.Serve(listener, nil))
            }
            """;

    private final Process process;
    private final int port;

    private GoServer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    static boolean possible() {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "go")));
    }

    static GoServer start() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("hangup-go");
        Path program = folder.resolve("server");
        Path source = Files.writeString(folder.resolve("server.go"), SOURCE);
        Process build = new ProcessBuilder("go", "build", "-o", program.toString(), source.toString()).inheritIO().start();
        if (build.waitFor() != 0) {
            throw new IOException("Go could not build its server");
        }
        Process process = new ProcessBuilder(program.toString()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        return new GoServer(process, Integer.parseInt(process.inputReader().readLine()));
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
