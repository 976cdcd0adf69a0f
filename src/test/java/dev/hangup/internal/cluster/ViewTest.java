package dev.hangup.internal.cluster;

import java.util.List;
import java.util.Optional;

import dev.hangup.testing.Trail;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The view of a member of a cluster, from its start to its end. */
class ViewTest {
    private final View view = new View();
    private final Trail trail = new Trail();

    @BeforeEach
    void start() {
        view.setSelf("a:1");
    }

    @Test
    void othersStayWhenThisMemberLeaves() {
        change("a:1", "b:1");
        assertTrue(view.leave("has left", () -> trail.add("left")));
        assertEquals(List.of("b:1"), view.members());
        assertTrue(view.hasLeft());
    }

    @Test
    void nothingChangesAfterThisMemberHasLeft() {
        change("a:1", "b:1");
        view.leave("has left", () -> trail.add("left"));
        assertFalse(change("a:1", "b:1", "c:1"));
        assertFalse(view.leave("has left", () -> trail.add("left again")));
        assertEquals(List.of("b:1"), view.members());
        assertEquals(List.of("changed", "left"), trail.events());
    }

    @Test
    void leavingAClusterThatWasNeverJoinedChangesNothing() {
        assertTrue(view.leave("has left", () -> trail.add("left")));
        assertEquals(List.of(), trail.events());
    }

    @Test
    void reasonForBeingAloneIsGoneWithTheFirstOther() {
        view.setProblem("none found");
        assertEquals(Optional.of("none found"), view.problem());
        change("a:1", "b:1");
        assertEquals(Optional.empty(), view.problem());
        view.setProblem("none found");
        assertEquals(Optional.empty(), view.problem());
    }

    @Test
    void reasonForBeingAloneOutlivesLeaving() {
        view.setProblem("cannot join");
        view.leave("has left", () -> { });
        assertEquals(Optional.of("cannot join"), view.problem());
    }

    private boolean change(String... members) {
        return view.change(List.of(members), () -> trail.add("changed"));
    }
}
