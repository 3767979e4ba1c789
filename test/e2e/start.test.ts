/** The time between the start of nanod and its readiness, as clients see it that are already waiting. */

import { createServer } from 'node:net';
import t from 'tap';
import { serve } from '../helpers/nanod.ts';

/** A port that was free a moment ago. */
function findFreePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

t.test('a client that tries all the time is refused until it is served, and never cut off', async (t) => {
  const port = await findFreePort();
  const starting = serve(t, {
    config: {
      threads: 1,
      apps: [{ name: 'main', script: 'main.js' }],
      sockets: [{ name: 'http', address: `127.0.0.1:${port}`, service: 'main' }],
    },
    files: { 'main.js': "export default { fetch: () => new Response('hello') };" },
  });
  const failures = new Set<unknown>();
  let refused = 0;
  for (;;) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
      t.equal(await response.text(), 'hello');
      break;
    } catch (error) {
      const { code } = (error as { cause?: { code?: unknown } }).cause ?? {};
      if (code === 'ECONNREFUSED') refused++;
      else failures.add(code ?? error);
    }
  }
  t.ok(refused > 0, 'it was early');
  t.strictSame([...failures], []);
  await (await starting).stop();
});
