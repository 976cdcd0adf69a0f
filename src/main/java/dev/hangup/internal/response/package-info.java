/**
 * The response as cancellable work sees it, and who owns it.
 * <p>
 * {@code ResponseView} is what the work holds in place of the response; {@code ResponseOwnership} settles whether the work or the
 * decision may write; {@code ErrorResponses} holds the responses that Hangup writes itself.
 */
package dev.hangup.internal.response;
