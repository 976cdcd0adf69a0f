import { follow } from './feed.js';
import * as chart from './chart.js';
import * as cluster from './cluster.js';
import * as lists from './lists.js';
import * as totals from './totals.js';
import * as trial from './trial.js';
import { frozen, put } from './words.js';

const links = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'The server cannot be reached. Trying again',
  silent: 'The server sends nothing',
  crowded: 'You have as many of these pages open as one address may have. Close one',
  full: 'As many of these pages are open as the server allows. Trying again',
  foreign: 'The server does not go by the name in the address bar. Its allowed-hosts adds names',
};
const still = matchMedia('(prefers-reduced-motion: reduce)');
const link = document.getElementById('link');

let state;
let painted = 0;

follow({
  link(name) {
    link.dataset.state = name;
    put(document.getElementById('link-word'), links[name]);
    if (name !== 'live') {
      put(document.getElementById('pages'), '');
    }
    if (state) {
      chart.draw(state);
      paint();
    }
  },
  restarted() {
    trial.restarted();
    lists.clear();
  },
  kinds: trial.offer,
  state(told) {
    state = told;
    trial.snapshot(state);
    totals.show(state);
    cluster.show(state);
    const notice = document.getElementById('carriers');
    notice.hidden = !state.carriers;
    put(notice, state.carriers ? frozen(state.carriers) : '');
    put(document.getElementById('pages'),
        state.pages === 1 ? 'No other page is open.' : `${state.pages} pages like this one are open.`);
  },
});

function paint() {
  painted = performance.now();
  chart.go(state);
  trial.paint();
  lists.paint(state, trial.mine);
}

// clocks run between two things that the server tells
setInterval(() => {
  if (state && !document.hidden && performance.now() - painted >= (still.matches ? 950 : 90)) {
    paint();
  }
}, 100);

addEventListener('resize', () => state && chart.draw(state));
document.querySelectorAll('.origin').forEach(element => put(element, location.origin));
