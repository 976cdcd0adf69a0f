package dev.hangup.isolated;

/** The task of the worker whose classes are archived. It returns a result and throws an exception once. */
final class CdsTraining implements IsolatedTask {
    @Override
    public byte[] run(byte[] input) {
        if (input.length == 0) {
            throw new IllegalArgumentException("as rehearsed", new IllegalStateException());
        }
        return input;
    }
}
