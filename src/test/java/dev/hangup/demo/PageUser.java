package dev.hangup.demo;

import java.util.List;
import java.util.function.Predicate;

import dev.hangup.testing.Browser;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** What the user of the demo's page does and sees. */
final class PageUser {
    private final Browser browser;

    PageUser(Browser browser) {
        this.browser = browser;
    }

    /** Opens the page. */
    void visit(String address) {
        browser.go(address).await("#link[data-state=live]");
    }

    /** Chooses the kind of work, and how long it takes. */
    void ask(String kind, double seconds) {
        browser.find("input[value=" + kind + "]").click();
        browser.find("#seconds").clear();
        browser.find("#seconds").sendKeys(String.valueOf(seconds).replace(".0", ""));
    }

    /** Starts it on both sides, and sees it run. */
    void start() {
        browser.find("#start").click();
        browser.await("#bare[data-state=running]");
        browser.await("#hangup[data-state=running]");
        browser.await("the server has told of both", () -> text("#bare").contains("Working for you")
                && text("#hangup").contains("Working for you"));
    }

    /** Hangs up on both, and sees the one stop. */
    void hangUp() {
        browser.find("#hang-up").click();
        browser.await("#bare[data-state=alone]");
        browser.await("#hangup[data-state=stopped]");
    }

    String text(String selector) {
        return String.valueOf(browser.run("return document.querySelector(arguments[0]).textContent", selector));
    }

    void awaitText(String selector, Predicate<String> wanted) {
        try {
            browser.await(selector, () -> wanted.test(text(selector)));
        } catch (AssertionError e) {
            throw new AssertionError(selector + " is: " + text(selector), e);
        }
    }

    /** A number of the table that compares both sides. */
    String total(String row, String variant) {
        return text("#totals tr[data-row=" + row + "] td[data-variant=" + variant + "]");
    }

    /** Sees the buttons and both cards without scrolling, each card's text within it, and the cards side by side. */
    void seesAllOfTheTrial() {
        assertEquals(List.of(), browser.run("""
                const outside = (inner, outer) => inner.top < outer.top || inner.left < outer.left
                  || inner.bottom > outer.bottom + 0.5 || inner.right > outer.right + 0.5;
                const screen = { top: 0, left: 0, bottom: innerHeight, right: innerWidth };
                const box = element => element.getBoundingClientRect();
                const wrong = [];
                const shown = document.querySelectorAll('#start, #hang-up, #seconds, .kinds label:not([hidden]), .side');
                for (const element of shown) {
                  if (outside(box(element), screen)) {
                    wrong.push(`${element.id || element.textContent} ends at ${box(element).bottom}`);
                  }
                }
                for (const element of document.querySelectorAll('.side *')) {
                  if (outside(box(element), box(element.closest('.side')))) {
                    wrong.push(`${element.textContent} is outside of its card`);
                  }
                }
                for (const selector of ['', ' .word', ' .figure', ' .bar']) {
                  const [bare, hangup] = ['#bare', '#hangup'].map(side => box(document.querySelector(side + selector)));
                  if (bare.top !== hangup.top) {
                    wrong.push(`${selector} is higher on one side`);
                  }
                }
                return wrong;"""));
    }
}
