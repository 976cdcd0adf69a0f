// The peer in Node: its http module, whose response is closed when the client leaves.
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const LONGEST_MILLIS = 10_000;
const target = process.argv[2];
let running = 0;

const work = {
  '/wait': (response, signal) => delay(LONGEST_MILLIS, undefined, { signal }),
  // the event loop can run nothing else meanwhile, and so cannot see that the client leaves
  '/loop': async (response, signal) => {
    for (const end = Date.now() + LONGEST_MILLIS; Date.now() < end && !signal.aborted;) { /* computes */ }
  },
  '/relay': async (response, signal) => response.write(await (await fetch(target, { signal })).text()),
};

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (!(pathname in work)) {
    response.end(pathname === '/running' ? String(running) : 'hello');
    return;
  }
  const controller = new AbortController();
  response.on('close', () => controller.abort());
  running++;
  try {
    await work[pathname](response, controller.signal);
  } catch (error) {
    if (error.name !== 'AbortError') {
      response.statusCode = 502;
    }
  } finally {
    running--;
    response.end();
  }
});
server.requestTimeout = 0;
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(server.address().port));
