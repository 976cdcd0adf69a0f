package dev.hangup.isolated;

/** What a worker does whose classes are to be archived: a result, and something thrown. */
final class CdsTraining implements IsolatedTask {
    @Override
    public byte[] run(byte[] input) {
        if (input.length == 0) {
            throw new IllegalArgumentException("as rehearsed", new IllegalStateException());
        }
        return input;
    }
}
