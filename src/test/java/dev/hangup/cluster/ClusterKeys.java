package dev.hangup.cluster;

import java.nio.file.Files;
import java.nio.file.Path;

import dev.hangup.testing.Keytool;

import io.helidon.common.configurable.Resource;
import io.helidon.common.pki.Keys;
import io.helidon.common.tls.Tls;

/** A keystore with the key of a cluster, and the TLS of its members. */
record ClusterKeys(Path keystore) {
    private static final String ALIAS = "member";

    /** Makes a key that nobody else has. */
    static ClusterKeys generate() throws Exception {
        Path keystore = Files.createTempDirectory("hangup-cluster").resolve("keys.p12");
        Keytool.generateTrusted(keystore, ALIAS, "cluster");
        keystore.toFile().deleteOnExit();
        keystore.getParent().toFile().deleteOnExit();
        return new ClusterKeys(keystore);
    }

    Tls tls() {
        return Tls.builder()
                .privateKey(keys(false))
                .privateKeyCertChain(keys(false))
                .trust(keys(true))
                .build();
    }

    /** The TLS of somebody who trusts everybody, and has a key of another cluster. */
    Tls ofStranger() {
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
