/**
 * The demo's page: what runs under {@code /no-context} and {@code /with-context}, and who waits for it, as it happens. Requests
 * tell the {@link dev.hangup.demo.page.Ledger} of themselves, which keeps no more than it can show; each open page is sent
 * what it says by one stream of events. Nothing of a request is on it but its kind of work, its times, how it ended, and a tag
 * that says nothing to others: no address, no query, no other header.
 */
package dev.hangup.demo.page;
