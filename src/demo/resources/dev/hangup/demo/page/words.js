// What the page says, and in which units. Everything is shown as text: nothing here or elsewhere makes markup of words.

export const names = {
  sleep: 'Sleep',
  cpu: 'Computation',
  loop: 'Plain loop',
  query: 'Database query',
  stream: 'Event stream',
  process: 'Other program',
  isolated: 'Native code',
  unresponsive: 'Ignores interrupts',
  coalesced: 'Shared sleep',
  relay: 'Call of a service',
};

export const about = {
  sleep: 'Blocking code that sleeps. An interrupt ends it.',
  cpu: 'Counts primes on a platform thread, and looks every now and then whether it was interrupted.',
  loop: 'A plain loop on its own virtual thread. A few of them hold all carrier threads, so Hangup adds some.',
  query: 'A slow query, which is cancelled in the database. Its connection goes back to the pool.',
  stream: 'Server-sent events, ten a second. Here plain Helidon finds out as well, once it fails to write.',
  process: 'Another program that has started one more. Both are ended.',
  isolated: 'Native code that no interrupt reaches, in a JVM of its own. That JVM is killed, and another takes its place.',
  unresponsive: 'Code that ignores interrupts. Nothing stops it: Hangup reports it, and bounds how much of it there is.',
  coalesced: 'All who wait at the same time share one sleep, which ends with the last of them. Replicas share it, too.',
  relay: 'A call of another service, whose connection is closed. That service notices in turn.',
};

// carriers: { now, usual }, from the time when some are added until they are no longer needed
export const frozen = carriers => carriers.now > carriers.usual
  ? `Work held all ${carriers.usual} carrier threads. There are ${carriers.now} now, so that everybody else goes on.`
  : `Work held all ${carriers.usual} carrier threads for a while, and more were added. The added ones are gone.`;

export const view = ({ members, problem }) => problem
  ? `This replica ${problem}.`
  : members.length === 0 ? 'This replica is joining.' : members.length === 1 ? 'One member.' : `${members.length} members.`;

export const keys = ({ owned, relayed }) => `${owned} computed here, ${relayed} waited for elsewhere`;

// calls: the number of those that have ended, by outcome
export const calls = ({ succeeded, failed, lost, cancelled }) =>
  `${succeeded} succeeded, ${failed} failed, ${lost} lost, ${cancelled} cancelled`;

export const variants = { bare: 'plain Helidon', hangup: 'under Hangup' };

export const path = (variant, kind) => (variant === 'bare' ? '/no-context' : '/with-context') + (kind === 'sleep' ? '' : '/' + kind);

// milliseconds, as a figure and its unit
export function time(millis) {
  if (millis < 1000) {
    return { figure: millis < 9.95 ? millis.toFixed(1) : Math.round(millis).toString(), unit: 'ms' };
  }
  return { figure: (millis / 1000).toFixed(1), unit: 's' };
}

export function said(millis) {
  const { figure, unit } = time(millis);
  return figure + ' ' + unit;
}

// always in seconds: for what runs, so that the unit does not change under the reader's eyes
export const seconds = millis => (Math.max(0, millis) / 1000).toFixed(1);

// for totals and columns: as short as is still telling
export function total(millis) {
  const value = millis / 1000;
  return value === 0 ? '0 s' : (value < 0.1 ? value.toFixed(3) : value < 100 ? value.toFixed(1) : Math.round(value)) + ' s';
}

export function put(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

export function make(name, className, text) {
  const element = document.createElement(name);
  element.className = className;
  if (text !== undefined) {
    element.textContent = text;
  }
  return element;
}
