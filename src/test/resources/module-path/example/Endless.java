package example;

import dev.hangup.isolated.IsolatedTask;

/** Looks at nothing, interrupts included. */
final class Endless implements IsolatedTask {
    @Override
    public byte[] run(byte[] input) {
        System.out.println("endless begun in " + getClass().getModule());
        while (true) {
            Thread.onSpinWait();
        }
    }
}
