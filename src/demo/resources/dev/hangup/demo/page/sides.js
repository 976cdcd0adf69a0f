// What is said of each of the two sides of a trial, by what this page did and what the server has told.

import { now } from './feed.js';
import { said, seconds, time } from './words.js';

const end = side => side.request?.ended ?? now();
export const worked = side => side.request ? Math.max(0, end(side) - side.request.began) : 0;
const leftAt = side => side.left ?? side.request?.left;
export const forNobody = side => side.request && leftAt(side) !== undefined ? Math.max(0, end(side) - leftAt(side)) : 0;

export function view(variant, of, side) {
  const all = worked(side);
  const running = { figure: seconds(all), unit: 's' };
  if (!side.request) {
    return side.failed && side.left === undefined
      ? { state: 'failed', word: 'No answer', say: 'The server could not be reached.', ...running }
      : side.status >= 400 ? { state: 'failed', word: `Answered ${side.status}`, say: 'The server refused it.', ...running }
      : { state: 'running', word: side.over ? 'Left' : 'Asked', say: '', ...running };
  }
  const { request } = side;
  if (leftAt(side) === undefined) {
    return request.ended === undefined
      ? { state: 'running', word: 'Working for you', say: `You asked for ${of.asked / 1000} s of it.`, ...running }
      : { state: request.status < 500 ? 'answered' : 'failed', word: `Answered ${request.status}`,
          say: 'You were there to get it.', ...running };
  }
  return variant === 'bare' ? bare(side, request) : hangup(side, request, all);
}

function bare(side, request) {
  const alone = forNobody(side);
  const before = Math.max(0, leftAt(side) - request.began);
  if (request.ended === undefined) {
    return { state: 'alone', word: 'Working for nobody', figure: seconds(alone), unit: 's since you left',
             say: `You left after ${seconds(before)} s. Plain Helidon does not know.` };
  }
  const failed = request.outcome === 'failed';
  return { state: 'wasted', word: failed ? 'Failed, for nobody' : 'Finished, for nobody', ...wasted(alone),
           say: !failed ? 'It reported a success. Its answer went nowhere.'
             : request.work === 'stream' ? 'It failed to write, and so found out that you had left.'
             : `It failed with ${request.status}, and told nobody.`,
           news: `Plain Helidon worked on for ${said(alone)} after you had left.` };
}

const wasted = millis => {
  const { figure, unit } = time(millis);
  return { figure, unit: unit + ' wasted' };
};

function hangup(side, request, all) {
  const stopping = forNobody(side);
  const deadline = request.outcome === 'deadline-exceeded';
  if (request.ended === undefined) {
    return { state: 'stopping', word: 'Cancelled', figure: seconds(stopping), unit: 's ago',
             say: stopping < 500 ? '' : 'It ignores interrupts. Hangup reports it, with its stack.' };
  }
  const { figure, unit } = time(stopping);
  const before = seconds(all - stopping);
  return { state: 'stopped', word: 'Stopped', figure, unit: unit + ' to stop',
           say: deadline ? `Its deadline passed after ${before} s, and you were answered ${request.status}.`
                         : `You left after ${before} s. The server noticed, and stopped it.`,
           news: `Under Hangup the work stopped within ${said(stopping)}.` };
}
