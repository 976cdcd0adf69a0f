package dev.hangup.proof;

import java.util.concurrent.atomic.LongAdder;

/** How many there were. */
final class Tally {
    private final LongAdder connections = new LongAdder();
    private final LongAdder requests = new LongAdder();
    private final LongAdder answered = new LongAdder();
    private final LongAdder completed = new LongAdder();
    private final LongAdder stopped = new LongAdder();
    private final LongAdder left = new LongAdder();

    void add(ScriptedClient client) {
        Script script = client.script();
        connections.increment();
        requests.add(script.requests().size());
        answered.add(client.answers());
        if (!script.staysToTheEnd()) {
            left.increment();
        }
        for (Exchange exchange : script.requests()) {
            switch (exchange.state()) {
            case COMPLETED -> completed.increment();
            case STOPPED -> stopped.increment();
            default -> { }
            }
        }
    }

    @Override
    public String toString() {
        return connections + " connections of which " + left + " were left early, " + requests + " requests, " + answered
                + " answered, work: " + completed + " completed, " + stopped + " stopped";
    }
}
