package dev.hangup.internal.outcome;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import jdk.jfr.Timestamp;

/** The event that a request did not complete. The fields and their names are those of the log line. */
@Name(RequestNotCompleted.NAME)
@Label("Request Not Completed")
@Description("The end of a request under Hangup that failed or was refused, or whose work was cancelled")
@Category("Hangup")
@StackTrace(false)
final class RequestNotCompleted extends Event {
    static final String NAME = "dev.hangup.RequestNotCompleted";

    @Label("Outcome")
    String outcome;

    @Label("Method")
    String method;

    @Label("Route")
    @Description("The pattern of the route; the raw path where no pattern is known")
    String route;

    @Label("Id")
    @Description("The request's number, as in the names of its threads")
    long id;

    @Label("Peer")
    @Description("The client's address; behind a trusted proxy, the one that the proxy specifies")
    String peer;

    @Label("Status")
    @Description("The status that the client received, or that only filters and access logs saw; 0 for none")
    int status;

    @Label("At")
    @Description("When the request's headers had been read")
    @Timestamp(Timestamp.MILLISECONDS_SINCE_EPOCH)
    long at;

    @Label("Elapsed")
    @Description("From the end of the headers to the decision")
    @Timespan
    long elapsed;

    @Label("Stopping")
    @Description("From the decision to the end of the work")
    @Timespan
    long stopping;

    @Label("Thread")
    @Description("The thread of the work when it was cancelled")
    String thread;

    @Label("Thrown")
    @Description("The exceptions that the work itself threw after it was cancelled, with their stack traces")
    String thrown;
}
