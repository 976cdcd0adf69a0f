import { follow } from './feed.js';
import * as chart from './chart.js';
import * as lists from './lists.js';
import * as trial from './trial.js';
import { frozen, put } from './words.js';

const links = {
  live: 'Live',
  lost: 'Lost the server, trying again',
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
  },
  kinds: trial.offer,
  state(told) {
    state = told;
    trial.snapshot(state);
    chart.draw(state);
    const notice = document.getElementById('carriers');
    notice.hidden = !state.carriers;
    put(notice, state.carriers ? frozen(state.carriers) : '');
    put(document.getElementById('pages'),
        state.pages === 1 ? 'No other page is open.' : `${state.pages} pages like this one are open.`);
    paint();
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
