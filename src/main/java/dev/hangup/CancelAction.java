package dev.hangup;

/** What stops some work that no interrupt reaches. */
@FunctionalInterface
public interface CancelAction {
    /**
     * Do it. Runs on a virtual thread of its own, while the work that is to be stopped goes on.
     *
     * @throws Exception whatever it throws is logged, and changes nothing else
     */
    void run() throws Exception;
}
