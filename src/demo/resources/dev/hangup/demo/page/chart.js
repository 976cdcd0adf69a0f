// What the server worked for, over the last minutes: one small chart for each variant, on the same scale.

import { now } from './feed.js';
import { put, total, variants } from './words.js';

const SVG = 'http://www.w3.org/2000/svg';
const SLOT_MILLIS = 2000;
const SLOTS = 90;
const HEIGHT = 116;
const MARGIN = { left: 22, top: 8, bottom: 18 };
const KINDS = ['somebody', 'unknown', 'nobody'];
const STEPS = [1, 2, 4, 6, 10, 20, 40, 60, 100, 200, 400, 1000];

let drawn;

// The server says nothing when nothing happens; time goes on all the same.
export function go(state) {
  if (current() !== drawn) {
    draw(state);
  }
}

export function draw(state) {
  drawn = current();
  const passed = Math.max(0, drawn - state.slot);
  const slots = variant => [...nothing(SLOTS), ...variant.slots, ...nothing(passed)].slice(-SLOTS);
  const highest = Math.max(...Object.values(state.variants).flatMap(variant => slots(variant).map(sum)), 0) / SLOT_MILLIS;
  const top = STEPS.find(step => step >= highest - 0.01) ?? highest;
  for (const figure of document.querySelectorAll('.spent')) {
    const variant = state.variants[figure.dataset.variant];
    bars(figure.querySelector('svg'), slots(variant), top);
    figure.querySelector('svg').setAttribute('aria-label', sentence(figure.dataset.variant, slots(variant)));
    numbers(figure.querySelector('dl'), variant);
  }
}

const nothing = count => Array.from({ length: count }, () => [0, 0, 0]);
const current = () => Math.floor(now() / SLOT_MILLIS);
const sum = times => times.reduce((all, time) => all + time, 0);

function sentence(name, slots) {
  const [useful, unknown, wasted] = KINDS.map((kind, i) => slots.reduce((all, slot) => all + slot[i], 0));
  return `In the last three minutes, ${variants[name]}: ${total(useful)} of work for somebody, ${total(wasted)} for nobody`
    + (unknown > 0 ? `, ${total(unknown)} for nobody knows whom.` : '.');
}

function bars(svg, slots, top) {
  const width = svg.clientWidth || 300;
  svg.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`);
  if (!svg.firstChild) {
    svg.append(hatch(svg.parentElement.dataset.variant));
  }
  while (svg.childNodes.length > 1) {
    svg.lastChild.remove();
  }
  const floor = HEIGHT - MARGIN.bottom;
  const y = value => floor - value / top * (floor - MARGIN.top);
  for (const value of [0, top / 2, top]) {
    svg.append(element('path', { class: 'grid', d: `M${MARGIN.left} ${y(value)}H${width}` }));
    if (Number.isInteger(value)) {
      svg.append(element('text', { x: MARGIN.left - 8, y: y(value) + 4, 'text-anchor': 'end' }, value));
    }
  }
  svg.append(element('text', { x: MARGIN.left, y: HEIGHT - 3 }, '3 min ago'),
             element('text', { x: width, y: HEIGHT - 3, 'text-anchor': 'end' }, 'now'));
  const step = (width - MARGIN.left) / slots.length;
  const base = slots.map(() => 0);
  KINDS.forEach((kind, k) => {
    let d = '';
    slots.forEach((slot, i) => {
      const from = base[i];
      base[i] += slot[k] / SLOT_MILLIS;
      if (slot[k] > 0) {
        const x = MARGIN.left + i * step;
        const [left, right, low, high] = [x, x + step * 0.82, y(from), y(base[i])].map(it => it.toFixed(2));
        d += `M${left} ${low}V${high}H${right}V${low}z`;
      }
    });
    const fill = kind === 'nobody' ? { fill: `url(#hatch-${svg.parentElement.dataset.variant})` } : {};
    svg.append(element('path', { class: kind, d, ...fill }));
  });
}

// what was for nobody is told by more than its colour
function hatch(variant) {
  const defs = element('defs', {});
  const pattern = element('pattern', { id: `hatch-${variant}`, width: 5, height: 5, patternUnits: 'userSpaceOnUse',
                                       patternTransform: 'rotate(45)' });
  pattern.append(element('rect', { class: 'hatch-ground', width: 5, height: 5 }),
                 element('rect', { class: 'hatch-line', width: 1.8, height: 5 }));
  defs.append(pattern);
  return defs;
}

function element(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  if (text !== undefined) {
    made.textContent = text;
  }
  return made;
}

function numbers(list, variant) {
  const all = { 'In flight': variant.running, Ended: variant.ended, Cancelled: variant.stopped,
                Useful: total(variant.time.somebody), Wasted: total(variant.time.nobody) };
  if (!list.firstChild) {
    for (const name of Object.keys(all)) {
      const group = document.createElement('div');
      group.append(document.createElement('dt'), document.createElement('dd'));
      group.firstChild.textContent = name;
      list.append(group);
    }
  }
  Object.values(all).forEach((value, i) => put(list.children[i].lastChild, String(value)));
}
