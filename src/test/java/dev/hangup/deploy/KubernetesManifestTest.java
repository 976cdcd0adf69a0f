package dev.hangup.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

import dev.hangup.HangupConfig;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The manifest, the Containerfile and the configuration in the image agree. */
class KubernetesManifestTest {
    private static final Duration WAIT_FOR_LISTENERS = Duration.ofSeconds(3);
    private static Map<String, Object> deployment;
    private static Map<String, Object> service;
    private static Map<String, Object> pod;
    private static Map<String, Object> container;
    private static Containerfile image;
    private static Config config;

    @BeforeAll
    static void read() throws IOException {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        try (InputStream manifest = Files.newInputStream(Path.of("src/deploy/kubernetes.yaml"))) {
            Map<String, Map<String, Object>> byKind = StreamSupport
                    .stream(new Yaml(new SafeConstructor(options)).loadAll(manifest).spliterator(), false)
                    .map(KubernetesManifestTest::map)
                    .collect(Collectors.toMap(it -> (String) it.get("kind"), it -> it));
            assertEquals(Set.of("Deployment", "Service"), byKind.keySet());
            deployment = byKind.get("Deployment");
            service = byKind.get("Service");
        }
        pod = map(at(deployment, "spec", "template", "spec"));
        container = map(list(pod.get("containers")).getFirst());
        image = Containerfile.read();
        config = Config.just(ConfigSources.file("src/deploy/application.yaml"),
                             ConfigSources.file("src/demo/resources/application.yaml"));
    }

    @Test
    void serviceSelectsThePodsOfTheDeployment() {
        Object labels = at(deployment, "spec", "template", "metadata", "labels");
        assertEquals(labels, at(deployment, "spec", "selector", "matchLabels"));
        assertEquals(labels, at(service, "spec", "selector"));
        assertEquals("apps/v1", deployment.get("apiVersion"));
        assertEquals("v1", service.get("apiVersion"));
    }

    @Test
    void portsAreThoseOfTheConfigurationAndOfTheImage() {
        Map<String, Integer> ports = list(container.get("ports")).stream().map(KubernetesManifestTest::map)
                .collect(Collectors.toMap(it -> (String) it.get("name"), it -> (Integer) it.get("containerPort")));
        assertEquals(Map.of("http", config.get("server.port").asInt().get(),
                            config.get("server.sockets.0.name").asString().get(), config.get("server.sockets.0.port").asInt().get()),
                     ports);
        assertEquals(ports.values().stream().map(String::valueOf).collect(Collectors.toSet()),
                     Set.of(image.last("EXPOSE").split(" ")));
        assertEquals("http", map(list(at(service, "spec", "ports")).getFirst()).get("targetPort"));
        assertEquals("0.0.0.0", config.get("server.host").asString().get());
        assertEquals("0.0.0.0", config.get("server.sockets.0.host").asString().get());
        String name = (String) at(service, "metadata", "name");
        assertTrue(config.get("allowed-hosts").asList(String.class).get()
                           .containsAll(List.of(name, name + ".default", name + ".default.svc",
                                                name + ".default.svc.cluster.local")));
    }

    @Test
    void probesAskTheSocketOfTheObserver() {
        assertEquals(List.of("operators"), config.get("server.features.observe.sockets").asList(String.class).get());
        assertEquals(List.of("@default"), config.get("server.features.hangup.sockets").asList(String.class).get());
        Map.of("startupProbe", "live", "readinessProbe", "ready", "livenessProbe", "live").forEach((probe, which) -> {
            assertEquals("operators", at(container, probe, "httpGet", "port"));
            assertEquals("/observe/health/" + which, at(container, probe, "httpGet", "path"));
        });
    }

    @Test
    void proxiesNoticeWithinShutdownDelayAndAllOfItFitsIntoTheGracePeriod() {
        HangupConfig hangup = HangupConfig.create(config.get("server.features.hangup"));
        Duration grace = config.get("server.shutdown-grace-period").as(Duration.class).get();
        Duration operators = config.get("server.sockets.0.shutdown-grace-period").as(Duration.class).get();
        assertTrue(hangup.drain().orElseThrow().compareTo(grace) < 0);
        long noticed = (int) at(container, "readinessProbe", "periodSeconds")
                * (int) at(container, "readinessProbe", "failureThreshold");
        assertTrue(noticed < hangup.shutdownDelay().toSeconds());
        Duration stop = Duration.ofSeconds((int) at(container, "lifecycle", "preStop", "sleep", "seconds"))
                .plus(hangup.shutdownDelay())
                // Helidon waits for connections, then for the threads of HTTP/2 streams
                .plus(grace.plus(operators).multipliedBy(2))
                .plus(WAIT_FOR_LISTENERS);
        assertTrue(stop.toSeconds() < (int) pod.get("terminationGracePeriodSeconds"), stop + " and no rest");
    }

    @Test
    void podMayDoWhatTheImageNeedsAndNoMore() {
        assertEquals(at(pod, "securityContext", "runAsUser") + ":" + at(pod, "securityContext", "runAsGroup"), image.last("USER"));
        assertEquals(true, at(pod, "securityContext", "runAsNonRoot"));
        assertEquals(true, at(container, "securityContext", "readOnlyRootFilesystem"));
        assertEquals(false, at(container, "securityContext", "allowPrivilegeEscalation"));
        Map<String, Object> mount = map(list(container.get("volumeMounts")).getFirst());
        assertEquals("/tmp", mount.get("mountPath"));
        Map<String, Object> volume = map(list(pod.get("volumes")).getFirst());
        assertEquals(mount.get("name"), volume.get("name"));
        assertTrue(volume.containsKey("emptyDir"));
    }

    @Test
    void processorsAndMemoryAreStatedAndJavaIsToldOfThem() {
        Object cpu = at(container, "resources", "limits", "cpu");
        Map<String, Object> options = map(list(container.get("env")).getFirst());
        assertEquals("JDK_JAVA_OPTIONS", options.get("name"));
        assertEquals("-XX:ActiveProcessorCount=" + cpu, options.get("value"));
        assertEquals(at(container, "resources", "limits", "memory"), at(container, "resources", "requests", "memory"));
        assertTrue(image.entrypoint().stream().anyMatch(it -> it.startsWith("-XX:MaxRAMPercentage=")));
    }

    @Test
    void imageIsOfTheReleaseThatBuildsIt() throws IOException {
        assertEquals(Files.readString(Path.of(".java-version")).strip(), image.all("ARG").getFirst().replace("JDK=", ""));
        for (String source : image.sources(Runtime.version().feature())) {
            assertTrue(source.startsWith("target/") || Files.exists(Path.of(source)), source);
        }
    }

    /** For the tag {@code latest}, which is that of a name without one, nodes ask a registry for an image that they have. */
    @Test
    void imageIsUsedAsItWasLoadedOntoTheNodes() throws IOException {
        String name = (String) container.get("image");
        assertTrue(name.matches("hangup-demo:(?!latest$)[a-z0-9.]+"), name);
        assertEquals("IfNotPresent", container.get("imagePullPolicy"));
        for (Path file : List.of(Containerfile.FILE, Path.of("src/doc/operations.md"))) {
            String text = Files.readString(file);
            assertTrue(text.contains("-t " + name + " "), file.toString());
            assertTrue(text.contains("-p 8080:8080 " + name + "\n"), file.toString());
        }
    }

    private static Object at(Object node, String... path) {
        Object found = node;
        for (String name : path) {
            found = map(found).get(name);
            assertTrue(found != null, name + " of " + String.join(".", path));
        }
        return found;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object node) {
        return (Map<String, Object>) node;
    }

    private static List<?> list(Object node) {
        return (List<?>) node;
    }
}
