// What the server tells, and what time it is there.

const AGAIN_MILLIS = 5000;

let source;
let ahead = -Infinity;

// The server's time now, in its milliseconds. What arrived soonest after it was sent tells it best.
export const now = () => performance.now() + ahead;

export function follow(tell) {
  const open = () => {
    source = new EventSource('/page/feed');
    source.addEventListener('open', () => {
      ahead = -Infinity;
      tell.link('live');
    });
    source.addEventListener('kinds', event => tell.kinds(JSON.parse(event.data)));
    source.addEventListener('state', event => {
      const state = JSON.parse(event.data);
      ahead = Math.max(ahead, state.now - performance.now());
      tell.state(state);
    });
    source.addEventListener('error', () => {
      tell.link('lost');
      // refused: then the browser does not try again by itself
      if (source.readyState === EventSource.CLOSED) {
        setTimeout(open, AGAIN_MILLIS);
      }
    });
  };
  addEventListener('pagehide', () => source.close());
  addEventListener('pageshow', event => event.persisted && open());
  open();
}
