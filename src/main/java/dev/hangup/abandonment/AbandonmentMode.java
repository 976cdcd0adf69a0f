package dev.hangup.abandonment;

/** What becomes of the requests of clients that have abandoned too many. */
public enum AbandonmentMode {
    /** Nothing is counted. */
    OFF,
    /** They are counted, and it is logged who would have been refused. */
    LOG,
    /** They are refused. */
    REFUSE
}
