// Starting the same work twice, and hanging up on both.

import { now } from './feed.js';
import { forNobody, view, worked } from './sides.js';
import { about, path, put, variants } from './words.js';

const WAYS = ['bare', 'hangup'];
const start = document.getElementById('start');
const hangUp = document.getElementById('hang-up');
const length = document.getElementById('seconds');
const news = document.getElementById('news');
const tags = new Set();

// { tag, kind, asked, sides: { bare, hangup } }; a side: { controller, request, over, left, status, detail, failed, said, and of
// what the server does not tell the end of: until (when its end was seen), lost (why nothing more is known of it) }
let trial;

export const mine = request => tags.has(request.tag);

export function offer(kinds) {
  for (const input of document.querySelectorAll('input[name=kind]')) {
    input.disabled = !kinds.includes(input.value);
    input.parentElement.hidden = input.disabled;
  }
  if (document.querySelector('input[name=kind]:checked:disabled')) {
    document.querySelector('input[name=kind]:enabled').checked = true;
    choose();
  }
}

function chosen() {
  return document.querySelector('input[name=kind]:checked').value;
}

function choose() {
  put(document.getElementById('about'), about[chosen()]);
  if (!trial) {
    WAYS.forEach(variant => put(document.querySelector(`#${variant} .path`), 'GET ' + path(variant, chosen())));
  }
}

function begin(event) {
  event.preventDefault();
  if (waiting()) {
    return;
  }
  const tag = Array.from(crypto.getRandomValues(new Uint8Array(16)), it => it.toString(16).padStart(2, '0')).join('');
  tags.add(tag);
  trial = { tag, kind: chosen(), asked: Number(length.value) * 1000, sides: {} };
  WAYS.forEach(variant => ask(trial, variant));
  put(news, `Started on plain Helidon and under Hangup.`);
  paint();
}

async function ask(of, variant) {
  const side = of.sides[variant] = { controller: new AbortController() };
  try {
    const response = await fetch(`${path(variant, of.kind)}?seconds=${of.asked / 1000}`,
                                 { signal: side.controller.signal, headers: { 'Page-Tag': of.tag }, cache: 'no-store' });
    side.status = response.status;
    if (response.ok) {
      await response.body?.pipeTo(new WritableStream());
    } else {
      side.detail = detail(await response.text());
    }
  } catch (error) {
    side.failed = true;
  }
  side.over = true;
  if (side.left === undefined) {
    side.until = now();
  }
  if (of === trial) {
    if (side.status && !side.failed) {
      put(news, `Answered ${side.status} ${variant === 'bare' ? 'by ' : ''}${variants[variant]}.`);
    }
    paint();
  }
}

// of a problem (RFC 9457), which is how the server says why it refuses something
function detail(text) {
  try {
    return JSON.parse(text).detail;
  } catch (error) {
    return undefined;
  }
}

function leave() {
  if (!waiting()) {
    return;
  }
  put(news, 'You hung up.');
  for (const side of Object.values(trial.sides).filter(it => !it.over)) {
    side.left = now();
    side.over = true;
    side.controller.abort();
  }
  paint();
}

const waiting = () => trial && Object.values(trial.sides).some(side => !side.over);

export function snapshot(state) {
  if (!trial) {
    return;
  }
  const requests = [...state.ended, ...state.running].filter(it => it.tag === trial.tag);
  for (const [variant, side] of Object.entries(trial.sides)) {
    const request = requests.find(it => it.variant === variant);
    if (!request) {
      if (side.request && side.request.ended === undefined) {
        lose(side, 'unlisted');
      }
      continue;
    }
    if (side.lost) {
      side.lost = undefined;
      side.until = undefined;
    }
    side.request = request;
    // what the server has measured, rather than what this page believes
    side.left = side.left === undefined ? undefined : request.left ?? side.left;
    if (request.ended !== undefined && side.left !== undefined && !side.said) {
      side.said = true;
      put(news, view(request.variant, trial, side).news);
    }
  }
}

// The server is another one than before: it knows nothing of what the old one did.
export function restarted() {
  for (const side of Object.values(trial?.sides ?? {})) {
    if (side.request?.ended === undefined) {
      lose(side, 'restarted');
    }
  }
}

function lose(side, why) {
  side.lost ??= why;
  side.until ??= now();
}

export function paint() {
  const busy = waiting();
  start.setAttribute('aria-disabled', busy ? 'true' : 'false');
  hangUp.setAttribute('aria-disabled', busy ? 'false' : 'true');
  if (!trial) {
    return;
  }
  const longest = Math.max(trial.asked, 1, ...WAYS.map(variant => worked(trial.sides[variant])));
  for (const variant of WAYS) {
    const side = trial.sides[variant];
    const panel = document.getElementById(variant);
    const shown = view(variant, trial, side);
    panel.dataset.state = shown.state;
    put(panel.querySelector('.path'), 'GET ' + path(variant, trial.kind));
    put(panel.querySelector('.word'), shown.word);
    put(panel.querySelector('.figure'), shown.figure);
    put(panel.querySelector('.unit'), shown.unit);
    put(panel.querySelector('.say'), shown.say);
    const all = worked(side);
    const alone = forNobody(side);
    panel.querySelector('.waited').style.inlineSize = 100 * (all - alone) / longest + '%';
    panel.querySelector('.alone').style.inlineSize = 100 * alone / longest + '%';
  }
}

document.getElementById('controls').addEventListener('submit', begin);
document.getElementById('controls').addEventListener('change', choose);
hangUp.addEventListener('click', leave);
choose();
