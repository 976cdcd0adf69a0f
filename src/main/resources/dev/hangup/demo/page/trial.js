// Starting the same work twice, and hanging up on both.

import { now } from './feed.js';
import { about, path, put, said, seconds, time } from './words.js';

const WAYS = ['bare', 'hangup'];
const start = document.getElementById('start');
const hangUp = document.getElementById('hang-up');
const length = document.getElementById('seconds');
const news = document.getElementById('news');
const tags = new Set();

// { tag, kind, asked, sides: { bare, hangup } }; a side: { controller, piece, over, left, status, said }
let trial;

export const mine = piece => tags.has(piece.tag);

export function offer(kinds) {
  for (const input of document.querySelectorAll('input[name=kind]')) {
    input.disabled = !kinds.includes(input.value);
    input.parentElement.hidden = input.disabled;
  }
}

function chosen() {
  return document.querySelector('input[name=kind]:checked').value;
}

function choose() {
  put(document.getElementById('about'), about[chosen()]);
  if (!trial) {
    WAYS.forEach(way => put(document.querySelector(`#${way} .path`), 'GET ' + path(way, chosen())));
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
  WAYS.forEach(way => ask(trial, way));
  put(news, `Started ${trial.kind} on plain Helidon and under Hangup.`);
  paint();
}

async function ask(of, way) {
  const side = of.sides[way] = { controller: new AbortController() };
  try {
    const response = await fetch(`${path(way, of.kind)}?seconds=${of.asked / 1000}`,
                                 { signal: side.controller.signal, headers: { 'Page-Tag': of.tag }, cache: 'no-store' });
    side.status = response.status;
    await response.body?.pipeTo(new WritableStream());
  } catch (error) {
    side.failed = true;
  }
  side.over = true;
  if (of === trial) {
    paint();
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

export function told(state) {
  if (!trial) {
    return;
  }
  for (const piece of [...state.ended, ...state.running].filter(it => it.tag === trial.tag)) {
    const side = trial.sides[piece.way];
    side.piece = piece;
    // what the server has measured, rather than what this page believes
    side.left = side.left === undefined ? undefined : piece.left ?? side.left;
    if (piece.ended !== undefined && side.left !== undefined && !side.said) {
      side.said = true;
      put(news, view(piece.way, trial, side).news);
    }
  }
}

export function paint() {
  const busy = waiting();
  start.setAttribute('aria-disabled', busy ? 'true' : 'false');
  hangUp.setAttribute('aria-disabled', busy ? 'false' : 'true');
  if (!trial) {
    return;
  }
  const longest = Math.max(trial.asked, 1, ...WAYS.map(way => worked(trial.sides[way])));
  for (const way of WAYS) {
    const side = trial.sides[way];
    const panel = document.getElementById(way);
    const shown = view(way, trial, side);
    panel.dataset.state = shown.state;
    put(panel.querySelector('.path'), 'GET ' + path(way, trial.kind));
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

const end = side => side.piece?.ended ?? now();
const worked = side => side.piece ? Math.max(0, end(side) - side.piece.began) : 0;
const leftAt = side => side.left ?? side.piece?.left;
const forNobody = side => side.piece && leftAt(side) !== undefined ? Math.max(0, end(side) - leftAt(side)) : 0;

function view(way, of, side) {
  const all = worked(side);
  const running = { figure: seconds(all), unit: 's' };
  if (!side.piece) {
    return side.failed && side.left === undefined
      ? { state: 'failed', word: 'No answer', say: 'The server could not be reached.', ...running }
      : { state: 'running', word: side.over ? 'Left' : 'Asked', say: '', ...running };
  }
  const { piece } = side;
  if (leftAt(side) === undefined) {
    return piece.ended === undefined
      ? { state: 'running', word: 'Working for you', say: `You asked for ${of.asked / 1000} s of it.`, ...running }
      : { state: piece.status < 500 ? 'answered' : 'failed', word: `Answered ${piece.status}`,
          say: 'You were there to get it.', ...running };
  }
  return way === 'bare' ? bare(side, piece) : hangup(side, piece, all);
}

function bare(side, piece) {
  const alone = forNobody(side);
  const before = Math.max(0, leftAt(side) - piece.began);
  if (piece.ended === undefined) {
    return { state: 'alone', word: 'Working for nobody', figure: seconds(alone), unit: 's since you left',
             say: `You left after ${seconds(before)} s. Plain Helidon does not know.` };
  }
  const failed = piece.outcome === 'failed';
  return { state: 'wasted', word: failed ? 'Failed, for nobody' : 'Finished, for nobody', ...wasted(alone),
           say: !failed ? 'It reported a success. Its answer went nowhere.'
             : piece.work === 'stream' ? 'It failed to write, and so found out that you had left.'
             : `It failed with ${piece.status}, and told nobody.`,
           news: `Plain Helidon worked on for ${said(alone)} after you had left.` };
}

const wasted = millis => {
  const { figure, unit } = time(millis);
  return { figure, unit: unit + ' wasted' };
};

function hangup(side, piece, all) {
  const stopping = forNobody(side);
  const deadline = piece.outcome === 'deadline-exceeded';
  if (piece.ended === undefined) {
    return { state: 'stopping', word: 'Told to stop', figure: seconds(stopping), unit: 's ago',
             say: stopping < 500 ? '' : 'It ignores interrupts. Hangup reports it, with its stack.' };
  }
  const { figure, unit } = time(stopping);
  const before = seconds(all - stopping);
  return { state: 'stopped', word: 'Stopped', figure, unit: unit + ' to stop',
           say: deadline ? `Its deadline passed after ${before} s, and you were answered ${piece.status}.`
                         : `You left after ${before} s. The server noticed, and stopped it.`,
           news: `Under Hangup the work stopped within ${said(stopping)}.` };
}

document.getElementById('controls').addEventListener('submit', begin);
document.getElementById('controls').addEventListener('change', choose);
hangUp.addEventListener('click', leave);
choose();
