package dev.hangup.proof;

/** What must be true of the work of a connection that is over. */
final class ExpectedEnd {
    private ExpectedEnd() {
    }

    static void on(Script script) {
        boolean mayEnd = false;
        boolean ended = false;
        for (Exchange exchange : script.requests()) {
            require(exchange.trouble().isEmpty(), exchange.trouble() + exchange);
            require(!ended || exchange.state() == Exchange.State.NEVER_BEGUN, "begun after the connection's end: " + exchange);
            boolean mayBeStopped = exchange.deadline > 0 || exchange.body.malformed();
            mayEnd |= mayBeStopped || !script.staysToTheEnd();
            switch (exchange.state()) {
            case COMPLETED -> require(!exchange.endless(), "completed: " + exchange);
            case STOPPED -> {
                if (!mayEnd) {
                    throw new AssertionError("Work that was stopped: " + exchange, exchange.stoppedBy());
                }
                ended = true;
            }
            case NEVER_BEGUN -> {
                require(mayEnd, "never begun: " + exchange);
                ended = true;
            }
            case RUNNING -> throw new AssertionError("outlives its client: " + exchange);
            }
        }
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError("Work that was " + what);
        }
    }
}
