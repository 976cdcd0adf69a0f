// What became of the work of the last minutes: one small chart for each variant, on the same scale.

import { connected, now } from './feed.js';
import { total, variants } from './words.js';

const SVG = 'http://www.w3.org/2000/svg';
const SLOT_MILLIS = 1000;
// so many slots: as few as show all work, and no more than the server keeps
const AXES = [30, 60, 90, 120, 180];
const MOST_BARS = 60;
const HEIGHT = 116;
const MARGIN = { left: 22, top: 8, bottom: 18 };
// in the order in which the server sends them
const KINDS = ['useful', 'wasted', 'unknown', 'pending'];
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
  const oldest = Math.max(...Object.values(state.variants).map(variant => variant.slots.length)) + passed;
  const axis = AXES.find(it => it >= oldest) ?? AXES.at(-1);
  const slots = variant => [...nothing(axis), ...variant.slots, ...nothing(passed)].slice(-axis);
  const figures = Array.from(document.querySelectorAll('.spent'), figure => {
    const all = slots(state.variants[figure.dataset.variant]);
    return { figure, all, bars: bars(all) };
  });
  const highest = Math.max(...figures.flatMap(it => it.bars.map(bar => sum(bar.values))));
  const top = STEPS.find(step => step >= highest - 0.01) ?? highest;
  for (const it of figures) {
    const svg = it.figure.querySelector('svg');
    paint(svg, it.bars, axis, top);
    svg.setAttribute('aria-label', sentence(it.figure.dataset.variant, it.all));
  }
}

const nothing = count => Array.from({ length: count }, () => KINDS.map(() => 0));
const current = () => Math.floor(now() / SLOT_MILLIS);
const sum = values => values.reduce((all, value) => all + value, 0);
const totals = slots => KINDS.map((kind, k) => sum(slots.map(slot => slot[k])));
const ago = axis => axis > 90 ? `${axis / 60} min ago` : `${axis} s ago`;

function sentence(name, slots) {
  const [useful, wasted, unknown, pending] = totals(slots).map(total);
  return `In the last ${slots.length} seconds, ${variants[name]}: ${useful} of work useful, ${wasted} wasted, ${unknown} unknown,`
    + ` ${pending} in flight.`;
}

// Several slots share a bar where there are many: always the same ones, so that bars move and do not change.
function bars(slots) {
  const width = Math.ceil(slots.length / MOST_BARS);
  const first = drawn - slots.length + 1;
  const found = new Map();
  slots.forEach((slot, i) => {
    const key = Math.floor((first + i) / width);
    found.set(key, [...(found.get(key) ?? []), { slot, i }]);
  });
  return Array.from(found.values(), of => ({ from: of[0].i, length: of.length,
    values: totals(of.map(it => it.slot)).map(time => time / of.length / SLOT_MILLIS) }));
}

function paint(svg, all, axis, top) {
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
  svg.append(element('text', { class: 'begin', x: MARGIN.left, y: HEIGHT - 3 }, ago(axis)),
             element('text', { x: width, y: HEIGHT - 3, 'text-anchor': 'end' }, connected() ? 'now' : 'last heard'));
  const step = (width - MARGIN.left) / axis;
  const base = all.map(() => 0);
  KINDS.forEach((kind, k) => {
    let d = '';
    all.forEach((bar, i) => {
      const from = base[i];
      base[i] += bar.values[k];
      if (bar.values[k] > 0) {
        const x = MARGIN.left + bar.from * step;
        const [left, right, low, high] = [x, x + step * bar.length * 0.82, y(from), y(base[i])].map(it => it.toFixed(2));
        d += `M${left} ${low}V${high}H${right}V${low}z`;
      }
    });
    const fill = kind === 'wasted' ? { fill: `url(#hatch-${svg.parentElement.dataset.variant})` } : {};
    svg.append(element('path', { class: kind, d, ...fill }));
  });
}

// what was wasted is told by more than its colour
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
