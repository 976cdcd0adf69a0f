package dev.hangup.process;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** The retained output of a command. One thread adds to it and another reads it; guarded by its monitor. */
abstract sealed class Output {
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

    /** Adds bytes; returns whether more are wanted. */
    abstract boolean add(byte[] buffer, int length);

    synchronized byte[] bytes() {
        return kept.toByteArray();
    }

    /** Returns whether the output exceeded its bound. */
    boolean isOver() {
        return false;
    }

    /** Output that is kept in full, up to a bound. */
    static final class Bounded extends Output {
        private final int max;
        private final Runnable onOver;
        private boolean over;

        /**
         * Creates an empty output.
         *
         * @param max    the bound in bytes
         * @param onOver run once when the bound is exceeded, on the thread that adds; must not block
         */
        Bounded(int max, Runnable onOver) {
            this.max = max;
            this.onOver = onOver;
        }

        @Override
        synchronized boolean add(byte[] buffer, int length) {
            over = length > max - super.kept.size();
            if (over) {
                onOver.run();
            } else {
                super.kept.write(buffer, 0, length);
            }
            return !over;
        }

        @Override
        synchronized boolean isOver() {
            return over;
        }
    }

    /** Output of which only the end is kept. */
    static final class Tail extends Output {
        private static final int MAX = 64 * 1024;

        @Override
        synchronized boolean add(byte[] buffer, int length) {
            if (super.kept.size() + length > 2 * MAX) {
                byte[] end = bytes();
                super.kept.reset();
                super.kept.write(end, 0, end.length);
            }
            super.kept.write(buffer, 0, length);
            return true;
        }

        @Override
        synchronized byte[] bytes() {
            byte[] bytes = super.bytes();
            return Arrays.copyOfRange(bytes, Math.max(0, bytes.length - MAX), bytes.length);
        }
    }
}
