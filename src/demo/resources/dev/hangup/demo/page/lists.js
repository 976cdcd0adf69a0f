// The requests in flight, and those that have ended.

import { connected, now } from './feed.js';
import { make, names, put, said, seconds, total, variants } from './words.js';

const ENDED = 10;
const NOTABLE_MILLIS = 500;

const waiters = { you: 'you', somebody: 'somebody else', nobody: 'nobody', unknown: 'cannot be known' };

// The requests of another server may have the same names.
export function clear() {
  document.querySelectorAll('#running tbody, #ended tbody').forEach(body => body.replaceChildren());
}

export function paint(state, mine) {
  put(document.getElementById('running-title'), connected() ? 'In flight now' : 'In flight when the server was last heard');
  fill('running', state.running.toReversed(), runningRow, (row, request) => running(row, request, mine(request)));
  fill('ended', state.ended.slice(0, ENDED), endedRow, (row, request) => ended(row, request));
}

// Rows stay the same elements for as long as their requests are shown, so that nobody loses the place.
function fill(id, requests, create, update) {
  const body = document.querySelector(`#${id} tbody`);
  const rows = new Map(Array.from(body.rows, row => [row.dataset.id, row]));
  requests.forEach((request, i) => {
    const row = rows.get(request.id) ?? create(request);
    rows.delete(request.id);
    if (body.rows[i] !== row) {
      body.insertBefore(row, body.rows[i] ?? null);
    }
    update(row, request);
  });
  rows.forEach(row => row.remove());
  document.getElementById(id).hidden = requests.length === 0;
  document.getElementById('none-' + id).hidden = requests.length > 0;
}

function newRow(request, ...cells) {
  const row = document.createElement('tr');
  row.dataset.id = request.id;
  const head = make('th', 'what');
  head.scope = 'row';
  head.append(make('span', 'kind', names[request.work] ?? request.work),
              make('span', 'variant', variants[request.variant] ?? request.variant));
  row.append(head, ...cells);
  return row;
}

function runningRow(request) {
  const who = make('td', 'who');
  who.append(make('span', 'sign'), make('span', 'word'));
  who.firstChild.setAttribute('aria-hidden', 'true');
  const time = make('td', 'wide');
  const bar = make('div', 'bar');
  bar.setAttribute('aria-hidden', 'true');
  bar.append(make('i', 'waited'), make('i', 'alone'));
  time.append(make('span', 'elapsed'), bar);
  return newRow(request, who, time);
}

function running(row, request, own) {
  const elapsed = Math.max(0, now() - request.began);
  const alone = request.left === undefined ? 0 : Math.max(0, now() - request.left);
  const waiting = request.waiting === 'somebody' && own ? 'you' : request.waiting;
  row.dataset.waiting = request.waiting;
  put(row.querySelector('.word'), waiters[waiting]);
  // the default deadline no longer applies once the response has begun
  const open = request.allowed === undefined || request.left === undefined && elapsed > request.allowed + 1_000;
  put(row.querySelector('.elapsed'), open
      ? `${seconds(elapsed)} s, no deadline`
      : `${seconds(elapsed)} s of ${Math.round(request.allowed / 100) / 10} s`);
  // without a deadline there is no end to it: as long as the others' usual one
  const whole = Math.max(request.allowed ?? 30_000, elapsed);
  row.querySelector('.waited').style.inlineSize = 100 * (elapsed - alone) / whole + '%';
  row.querySelector('.alone').style.inlineSize = 100 * alone / whole + '%';
}

function endedRow(request) {
  return newRow(request, make('td', 'how'), make('td', 'number worked'), make('td', 'number nobody'));
}

function ended(row, request) {
  const alone = request.left === undefined ? 0 : Math.max(0, request.ended - request.left);
  row.dataset.waiting = request.waiting;
  row.toggleAttribute('data-wasted', alone >= NOTABLE_MILLIS);
  put(row.querySelector('.how'), how(request, alone));
  put(row.querySelector('.worked'), total(request.ended - request.began));
  put(row.querySelector('.nobody'), request.waiting === 'unknown' ? 'cannot be known' : total(alone));
}

function how(request, alone) {
  switch (request.outcome) {
  case 'disconnected':
    return `client left, stopped in ${said(alone)}`;
  case 'stalled':
    return `client did not read, stopped in ${said(alone)}`;
  case 'deadline-exceeded':
    return `deadline passed, stopped in ${said(alone)}`;
  case 'shutdown':
    return `server stopped, work stopped in ${said(alone)}`;
  case 'cancelled':
    return `cancelled by an operator, stopped in ${said(alone)}`;
  default:
    return request.left === undefined ? `answered ${request.status}`
      : request.outcome === 'failed' ? 'failed, for nobody' : `answered ${request.status}, to nobody`;
  }
}
