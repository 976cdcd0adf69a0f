package dev.hangup.internal.outcome;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timestamp;

/** The event that cancelled work has thrown when no request waited for it any more. The names of the fields are the log's. */
@Name(WorkFailed.NAME)
@Label("Work Failed")
@Description("An exception that cancelled work threw when no request waited for it any more")
@Category("Hangup")
@StackTrace(false)
final class WorkFailed extends Event {
    static final String NAME = "dev.hangup.WorkFailed";

    @Label("Outcome")
    @Description("Why the work was cancelled")
    String outcome;

    @Label("Method")
    String method;

    @Label("Route")
    @Description("The pattern of the route; the raw path where no pattern is known")
    String route;

    @Label("Id")
    @Description("The number of the request that the work began for")
    long id;

    @Label("Peer")
    @Description("The address of that request's client, or the one that a trusted proxy specifies")
    String peer;

    @Label("At")
    @Description("When it was thrown")
    @Timestamp(Timestamp.MILLISECONDS_SINCE_EPOCH)
    long at;

    @Label("Thrown")
    @Description("The exception with its stack trace")
    String thrown;
}
