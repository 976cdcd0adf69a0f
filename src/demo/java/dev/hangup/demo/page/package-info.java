/**
 * The demo's page: what runs under {@code /no-context} and {@code /with-context}, and whether a client waits for it, live.
 * Requests are entered into the {@link dev.hangup.demo.page.Ledger}, which keeps no more than it can show. Each open page gets
 * the state of the ledger by one stream of events. Of a request, the stream contains a number, the kind of work, its times,
 * its outcome and its status, and the random tag that a page gave it. It contains no address, query, path or other header.
 */
package dev.hangup.demo.page;
