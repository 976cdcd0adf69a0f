package dev.hangup.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.hangup.testing.Keytool;

import io.helidon.common.configurable.Resource;
import io.helidon.common.pki.Keys;
import io.helidon.common.tls.Tls;

/** A keystore with the key of a cluster, and the TLS of its members. */
public record ClusterKeys(Path keystore) {
    private static final String ALIAS = "member";

    /** Makes a key that nobody else has. */
    public static ClusterKeys generate() throws Exception {
        Path keystore = Files.createTempDirectory("hangup-cluster").resolve("keys.p12");
        Keytool.generateTrusted(keystore, ALIAS, "cluster");
        // deleted in reverse order
        keystore.getParent().toFile().deleteOnExit();
        keystore.toFile().deleteOnExit();
        return new ClusterKeys(keystore);
    }

    /** The configuration of a member of a cluster in the demo, on any free ports. */
    public Map<String, String> settings(int port, List<Integer> members) {
        String node = "server.features.hangup.cluster.";
        Map<String, String> settings = new HashMap<>(Map.of(
                node + "port", String.valueOf(port), node + "http-port", "0",
                node + "tls.private-key.keystore.key.alias", ALIAS, node + "tls.trust.keystore.trust-store", "true"));
        for (int i = 0; i < members.size(); i++) {
            settings.put(node + "members." + i, "127.0.0.1:" + members.get(i));
        }
        for (String part : List.of("private-key", "trust")) {
            settings.put(node + "tls." + part + ".keystore.resource.path", keystore.toString());
            settings.put(node + "tls." + part + ".keystore.passphrase", Keytool.PASSWORD);
        }
        return settings;
    }

    /** The TLS of a member. */
    public Tls tls() {
        return Tls.builder()
                .privateKey(keys(false))
                .privateKeyCertChain(keys(false))
                .trust(keys(true))
                .build();
    }

    /** The TLS of somebody who trusts everybody, and has a key of another cluster. */
    public Tls ofStranger() {
        return Tls.builder().privateKey(keys(false)).privateKeyCertChain(keys(false)).trustAll(true)
                .endpointIdentificationAlgorithm(Tls.ENDPOINT_IDENTIFICATION_NONE).build();
    }

    private Keys keys(boolean trusted) {
        return Keys.builder()
                .keystore(it -> it.keystore(Resource.create(keystore)).passphrase(Keytool.PASSWORD).keyAlias(ALIAS)
                        .trustStore(trusted))
                .build();
    }
}
