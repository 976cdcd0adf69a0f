// What the server tells, and what time it is there.

const AGAIN_MILLIS = 5000;
const STOOD_MILLIS = 1000;

let source;
let ahead = -Infinity;

// The server's time now, in its milliseconds. What arrived soonest after it was sent tells it best; until one of the two clocks
// has stood still for a while, say with its machine.
export const now = () => performance.now() + ahead;

// A script is not told what a stream of events was answered with.
async function refusal() {
  try {
    const { status } = await fetch('/page/feed', { method: 'HEAD', cache: 'no-store' });
    return { 403: 'foreign', 429: 'crowded', 503: 'full' }[status] ?? 'lost';
  } catch (error) {
    return 'lost';
  }
}

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
      const seen = state.now - performance.now();
      ahead = Math.abs(seen - ahead) > STOOD_MILLIS ? seen : Math.max(ahead, seen);
      tell.state(state);
    });
    source.addEventListener('error', () => {
      tell.link('lost');
      // refused: then the browser does not try again by itself
      if (source.readyState === EventSource.CLOSED) {
        refusal().then(tell.link);
        setTimeout(open, AGAIN_MILLIS);
      }
    });
  };
  addEventListener('pagehide', () => source.close());
  addEventListener('pageshow', event => event.persisted && open());
  open();
}
