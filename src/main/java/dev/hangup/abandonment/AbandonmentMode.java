package dev.hangup.abandonment;

/** The treatment of clients that have abandoned too many requests. */
public enum AbandonmentMode {
    /** Nothing is counted. */
    OFF,
    /** Abandoned requests are counted, and clients that would be refused are logged. */
    LOG,
    /** Clients are refused. */
    REFUSE
}
