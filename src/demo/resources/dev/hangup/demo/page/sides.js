// What is said of each of the two sides of a trial, by what this page did and what the server has reported.

import { connected, now } from './feed.js';
import { said, seconds, time } from './words.js';

// until then, the server may notice, or the work may stop
const SOON_MILLIS = 500;

const end = side => side.request?.ended ?? side.until ?? now();
export const worked = side => side.request ? Math.max(0, end(side) - side.request.began) : 0;
const leftAt = side => side.left ?? side.request?.left;
// Only the server knows this; that the user has left is known here as soon as the button is pressed.
const noticed = (variant, request) => variant === 'hangup' && request.left !== undefined;
export const forNobody = side => side.request && leftAt(side) !== undefined ? Math.max(0, end(side) - leftAt(side)) : 0;

export function view(variant, of, side) {
  const { request } = side;
  const all = { figure: seconds(worked(side)), unit: 's' };
  const stayed = side.left === undefined;
  if (side.failed && stayed) {
    return request || side.status
      ? { state: 'failed', word: 'Connection broke', ...all, say: 'The server was lost before its answer was complete.' }
      : { state: 'failed', word: 'No answer', ...all, say: 'The server cannot be reached.' };
  }
  if (request?.ended !== undefined && leftAt(side) !== undefined && request.outcome !== 'shutdown') {
    return noticed(variant, request) ? stopped(side, request) : finished(variant, side, request);
  }
  if (side.over && stayed) {
    return answered(side, all);
  }
  if (request?.outcome === 'shutdown' && request.ended !== undefined) {
    return { state: 'failed', word: 'Stopped', ...all, say: 'The server stopped, and this work with it.' };
  }
  if (side.lost || !connected()) {
    return { state: 'unknown', ...(stayed ? all : sinceLeft(side)), ...lost(side, stayed) };
  }
  if (!request) {
    return { state: 'running', word: stayed ? 'Asked' : 'Left', say: '', ...all };
  }
  if (leftAt(side) === undefined) {
    return { state: 'running', word: 'Working for you', say: `You asked for ${of.asked / 1000} s of work.`, ...all };
  }
  if (noticed(variant, request)) {
    return stopping(side);
  }
  return variant === 'hangup' && forNobody(side) < SOON_MILLIS
    ? { state: 'stopping', word: 'Left', say: '', ...sinceLeft(side) }
    : workingForNobody(variant, side);
}

function answered(side, all) {
  const good = side.status < 400;
  return { state: good ? 'answered' : 'failed', word: `Answered ${side.status}`, ...all,
           say: good ? 'You were there to get it.'
             : side.detail ? `The server says: “${side.detail}”.` : 'The server refused it.' };
}

function lost(side, stayed) {
  switch (side.lost) {
  case 'restarted':
    return { word: 'Ended with its server', say: 'Another server has started since.' };
  case 'unlisted':
    return { word: 'Not known', say: 'The server no longer lists this work.' };
  default:
    return { word: 'Not known', say: `The server cannot be reached. The work may go on${stayed ? '.' : ', for nobody.'}` };
  }
}

const before = side => seconds(leftAt(side) - side.request.began);
const sinceLeft = side => ({ figure: seconds(forNobody(side)), unit: 's after you left' });

function workingForNobody(variant, side) {
  return { state: 'alone', word: 'Working for nobody', ...sinceLeft(side),
           say: `You left after ${before(side)} s. `
             + (variant === 'bare' ? 'Plain Helidon does not know.' : 'The server has not noticed.') };
}

function finished(variant, side, request) {
  const alone = forNobody(side);
  const failed = request.outcome === 'failed';
  return { state: 'wasted', word: failed ? 'Failed, for nobody' : 'Finished, for nobody', ...after(alone),
           say: !failed && request.work === 'stream' ? `Its last ${said(alone)} reached nobody, and were wasted.`
             : !failed ? `Its answer reached nobody: ${said(worked(side))} of work were wasted.`
             : request.work === 'stream' ? 'It failed to write, and so found out that you had left.'
             : `It failed with ${request.status}, which reached nobody.`,
           news: variant === 'bare' ? `Plain Helidon worked on for ${said(alone)} after you had left.`
             : `The server did not notice that you had left, and worked on for ${said(alone)}.` };
}

const after = millis => {
  const { figure, unit } = time(millis);
  return { figure, unit: unit + ' after you left' };
};

function stopping(side) {
  return { state: 'stopping', word: 'Cancelled', ...sinceLeft(side),
           say: forNobody(side) < SOON_MILLIS ? '' : 'It ignores interrupts. Hangup reports it, with its stack.' };
}

function stopped(side, request) {
  const alone = forNobody(side);
  const { figure, unit } = time(alone);
  const news = `Under Hangup the work stopped within ${said(alone)}.`;
  const reason = { 'deadline-exceeded': 'Its deadline passed', stalled: 'Its client stalled', cancelled: 'An operator cancelled it' }[request.outcome];
  return reason
    ? { state: 'stopped', word: 'Stopped', figure, unit: unit + ' to stop', news,
        say: `${reason} after ${before(side)} s. The answer was ${request.status}.` }
    : { state: 'stopped', word: 'Stopped', ...after(alone), news,
        say: `You left after ${before(side)} s. The server noticed, and stopped it.` };
}
