package dev.hangup.process;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** What is kept of what a command writes. One thread adds, another asks; guarded by its monitor. */
abstract sealed class Output {
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

    /** Takes what was read; says whether more is wanted. */
    abstract boolean add(byte[] buffer, int length);

    synchronized byte[] bytes() {
        return kept.toByteArray();
    }

    /** Whether there was more than may be. */
    boolean isOver() {
        return false;
    }

    /** All of it, up to a bound. */
    static final class Bounded extends Output {
        private final int max;
        private final Runnable onOver;
        private boolean over;

        /**
         * None of it yet.
         *
         * @param max    how many bytes it may be
         * @param onOver run once when there are more
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

    /** The end of it. */
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
