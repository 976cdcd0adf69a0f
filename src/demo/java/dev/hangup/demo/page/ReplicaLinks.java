package dev.hangup.demo.page;

import java.util.List;
import java.util.StringJoiner;

import io.helidon.config.Config;
import io.helidon.config.ConfigException;

/** The links between the pages of several replicas, as markup; none if there is one server only. */
final class ReplicaLinks {
    private ReplicaLinks() {
    }

    /**
     * @param config the node with {@code name}, that of this replica, and {@code pages}, the addresses of all by their names
     */
    static String markup(Config config) {
        String self = config.get("name").asString().orElse("");
        List<Config> pages = config.get("pages").asNodeList().orElse(List.of());
        if (pages.isEmpty()) {
            return "";
        }
        StringJoiner links = new StringJoiner(" ", "<nav class=\"replicas\" aria-label=\"Replicas\">Replica ", "</nav>");
        for (Config page : pages) {
            String name = checked(page, page.name(), "[\\w-]+");
            links.add("<a href=\"" + checked(page, page.asString().get(), "https?://[\\w.:\\[\\]-]+/") + "\""
                              + (name.equals(self) ? " aria-current=\"page\"" : "") + ">" + name + "</a>");
        }
        return links.toString();
    }

    /** Nothing else becomes markup. */
    private static String checked(Config node, String value, String pattern) {
        if (!value.matches(pattern)) {
            throw new ConfigException(node.key() + " must be like " + pattern + ", but is " + value);
        }
        return value;
    }
}
