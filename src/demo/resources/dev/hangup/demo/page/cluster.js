// What this replica knows of its cluster, if it is a member of one.

import { calls, keys, put, view } from './words.js';

export function show({ cluster }) {
  const strip = document.getElementById('cluster');
  strip.hidden = !cluster;
  if (cluster) {
    put(strip.querySelector('[data-part=view]'), view(cluster));
    put(strip.querySelector('[data-part=members]'), cluster.members.map(it => it === cluster.self ? `${it} (this one)` : it).join(', '));
    put(strip.querySelector('[data-part=keys]'), keys(cluster));
    put(strip.querySelector('[data-part=calls]'), calls(cluster.calls));
  }
}
