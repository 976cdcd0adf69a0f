package dev.hangup.abandonment;

/** What happens to requests of clients that have abandoned too many. */
public enum AbandonmentMode {
    /** Nothing is counted. */
    OFF,
    /** Abandoned requests are counted, and clients that would be refused are logged. */
    LOG,
    /** Clients are refused. */
    REFUSE
}
