package dev.hangup.isolated;

/** The task of the worker whose classes are archived. It returns its input, and throws an exception if the input is empty. */
final class CdsTraining implements IsolatedTask {
    @Override
    public byte[] run(byte[] input) {
        if (input.length == 0) {
            throw new IllegalArgumentException("thrown for training", new IllegalStateException());
        }
        return input;
    }
}
