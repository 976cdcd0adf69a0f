/**
 * The response as cancellable work sees it, and its ownership.
 * <p>
 * {@code ResponseView} is what the work holds in place of the response; {@code ResponseOwnership} settles whether the work or the
 * decision may write; {@code ErrorResponses} writes Hangup's own responses.
 */
package dev.hangup.internal.response;
