// What became of all work so far: each row compares the two variants.

import { put, total } from './words.js';

const rows = {
  useful: variant => total(variant.time.useful),
  wasted: variant => total(variant.time.wasted),
  unknown: variant => total(variant.time.unknown),
  pending: variant => String(variant.running),
  ended: variant => String(variant.ended),
  cancelled: variant => String(variant.stopped),
};

export function show(state) {
  for (const [row, value] of Object.entries(rows)) {
    for (const cell of document.querySelectorAll(`#totals tr[data-row=${row}] td`)) {
      put(cell, value(state.variants[cell.dataset.variant]));
    }
  }
}
