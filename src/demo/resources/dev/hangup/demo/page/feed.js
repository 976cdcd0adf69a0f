// What the server tells, and what time it is there.

const AGAIN_MILLIS = 5000;
const STOOD_MILLIS = 1000;
// while any work is in flight, the server sends something every second
const SILENT_MILLIS = 6000;
// otherwise every 15 seconds: after this time, the connection is taken for dead
const DEAD_MILLIS = 40_000;

let source;
// of the next attempt after a refusal
let again;
let server;
let ahead = 0;
let heard;
// the server's time when it was lost; undefined while it is connected
let lostAt = 0;

export const connected = () => lostAt === undefined;

// The server's time now, in its milliseconds. What arrived soonest after it was sent tells it best; until one of the two clocks
// has stood still for a while, say with its machine. It stands still while the server is lost: nobody knows what happens then.
export const now = () => lostAt ?? performance.now() + ahead;

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
  let working = false;
  // when the feed was opened, or when something came of it for the last time
  let alive;
  const lose = name => {
    lostAt = now();
    tell.link(name);
  };
  const hear = state => {
    if (server !== undefined && state.server !== server) {
      // the time is still that of the old server
      lostAt = now();
      tell.restarted();
    }
    server = state.server;
    heard = alive = performance.now();
    const seen = state.now - heard;
    const same = connected() && Math.abs(seen - ahead) <= STOOD_MILLIS;
    ahead = same ? Math.max(ahead, seen) : seen;
    lostAt = undefined;
    working = state.running.length > 0;
    tell.state(state);
    tell.link('live');
  };
  const open = () => {
    clearTimeout(again);
    // the server counts each
    source?.close();
    source = new EventSource('/page/feed');
    alive = performance.now();
    source.addEventListener('kinds', event => tell.kinds(JSON.parse(event.data)));
    source.addEventListener('state', event => hear(JSON.parse(event.data)));
    source.addEventListener('error', () => {
      alive = performance.now();
      if (source.readyState === EventSource.CLOSED) {
        // refused: then the browser does not try again by itself
        const refused = source;
        refusal().then(name => {
          // the next attempt may have succeeded before the reason comes
          if (source === refused) {
            lose(name);
          }
        });
        again = setTimeout(open, AGAIN_MILLIS);
      } else {
        lose('lost');
      }
    });
  };
  setInterval(() => {
    if (performance.now() - alive > DEAD_MILLIS) {
      lose('silent');
      open();
    } else if (connected() && working && performance.now() - heard > SILENT_MILLIS) {
      lose('silent');
    }
  }, 1000);
  addEventListener('pagehide', () => {
    clearTimeout(again);
    source.close();
    lose('connecting');
  });
  addEventListener('pageshow', event => event.persisted && open());
  open();
}
