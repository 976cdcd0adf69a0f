package dev.hangup.internal.outcome;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** The event that all carriers of virtual threads were held. The fields and their names are those of the log line. */
@Name(FrozenCarriers.NAME)
@Label("Frozen Carriers")
@Description("All carriers of virtual threads were held, so more were added; or they were taken back")
@Category("Hangup")
@StackTrace(false)
final class FrozenCarriers extends Event {
    static final String NAME = "dev.hangup.FrozenCarriers";

    @Label("Event")
    @Description("added, changed, exhausted or over")
    String event;

    @Label("Carriers")
    @Description("The current maximum number of carriers")
    int carriers;

    @Label("Usual")
    @Description("How many carriers there are usually")
    int usual;

    @Label("Max")
    @Description("The largest number that the guard may set")
    int max;

    @Label("Elapsed")
    @Description("Since the first carrier was added")
    @Timespan
    long elapsed;

    @Label("Frozen")
    @Description("For how long no virtual thread could run")
    @Timespan
    long frozen;

    @Label("Held By")
    @Description("Requests that hold carriers, as far as they are known when the event is added or exhausted")
    String heldBy;
}
