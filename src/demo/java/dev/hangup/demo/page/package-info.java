/**
 * The demo's page: what runs under {@code /no-context} and {@code /with-context}, and whether a client waits for it, live.
 * Requests are entered into the {@link dev.hangup.demo.page.Ledger}, which keeps no more than it can show. Each open page gets
 * the state of the ledger by one stream of events. The page shows only a request's kind of work, its times, its outcome, and a
 * random tag. It shows no address, no query and no other header.
 */
package dev.hangup.demo.page;
