// The requests in flight, and those that have ended.

import { now } from './feed.js';
import { make, put, said, seconds, total, ways } from './words.js';

const ENDED = 10;
const NOTABLE_MILLIS = 500;

const waiters = { you: 'you', somebody: 'somebody else', nobody: 'nobody', unknown: "it can't tell" };

export function paint(state, mine) {
  fill('running', state.running.toReversed(), runningRow, (row, piece) => running(row, piece, mine(piece)));
  fill('ended', state.ended.slice(0, ENDED), endedRow, (row, piece) => ended(row, piece));
}

// Rows stay the same elements for as long as their requests are shown, so that nobody loses the place.
function fill(id, pieces, create, update) {
  const body = document.querySelector(`#${id} tbody`);
  const rows = new Map(Array.from(body.rows, row => [row.dataset.id, row]));
  pieces.forEach((piece, i) => {
    const row = rows.get(piece.id) ?? create(piece);
    rows.delete(piece.id);
    if (body.rows[i] !== row) {
      body.insertBefore(row, body.rows[i] ?? null);
    }
    update(row, piece);
  });
  rows.forEach(row => row.remove());
  document.getElementById(id).hidden = pieces.length === 0;
  document.getElementById('none-' + id).hidden = pieces.length > 0;
}

function newRow(piece, ...cells) {
  const row = document.createElement('tr');
  row.dataset.id = piece.id;
  const head = make('th', 'what');
  head.scope = 'row';
  head.append(make('span', 'kind', piece.work), make('span', 'way', ways[piece.way] ?? piece.way));
  row.append(head, ...cells);
  return row;
}

function runningRow(piece) {
  const who = make('td', 'who');
  who.append(make('span', 'sign'), make('span', 'word'));
  who.firstChild.setAttribute('aria-hidden', 'true');
  const time = make('td', 'wide');
  const bar = make('div', 'bar');
  bar.setAttribute('aria-hidden', 'true');
  bar.append(make('i', 'waited'), make('i', 'alone'));
  time.append(make('span', 'elapsed'), bar);
  return newRow(piece, who, time);
}

function running(row, piece, own) {
  const elapsed = Math.max(0, now() - piece.began);
  const alone = piece.left === undefined ? 0 : Math.max(0, now() - piece.left);
  const waiting = piece.waiting === 'somebody' && own ? 'you' : piece.waiting;
  row.dataset.waiting = piece.waiting;
  put(row.querySelector('.word'), waiters[waiting]);
  put(row.querySelector('.elapsed'), piece.allowed === undefined
      ? `${seconds(elapsed)} s, no deadline`
      : `${seconds(elapsed)} s of ${Math.round(piece.allowed / 100) / 10} s`);
  // without a deadline there is no end to it: as long as the others' usual one
  const whole = Math.max(piece.allowed ?? 30_000, elapsed);
  row.querySelector('.waited').style.inlineSize = 100 * (elapsed - alone) / whole + '%';
  row.querySelector('.alone').style.inlineSize = 100 * alone / whole + '%';
}

function endedRow(piece) {
  return newRow(piece, make('td', 'how'), make('td', 'number worked'), make('td', 'number nobody'));
}

function ended(row, piece) {
  const alone = piece.left === undefined ? 0 : Math.max(0, piece.ended - piece.left);
  row.dataset.waiting = piece.waiting;
  row.toggleAttribute('data-wasted', alone >= NOTABLE_MILLIS);
  put(row.querySelector('.how'), how(piece, alone));
  put(row.querySelector('.worked'), total(piece.ended - piece.began));
  put(row.querySelector('.nobody'), piece.waiting === 'unknown' ? 'unknown' : total(alone));
}

function how(piece, alone) {
  switch (piece.outcome) {
  case 'disconnected':
    return `client left, stopped in ${said(alone)}`;
  case 'deadline-exceeded':
    return `deadline passed, stopped in ${said(alone)}`;
  case 'shutdown':
    return `server stopped, and it in ${said(alone)}`;
  default:
    return piece.left === undefined ? `answered ${piece.status}`
      : piece.outcome === 'failed' ? 'failed to answer nobody' : `answered ${piece.status}, to nobody`;
  }
}
