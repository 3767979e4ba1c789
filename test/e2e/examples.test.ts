/** The repository's own deployment, served as `npm start` serves it, apart from its port. */

import { fileURLToPath } from 'node:url';
import t from 'tap';
import { serve } from '../helpers/nanod.ts';

const EXAMPLES = new URL('../../ecosystem.config.js', import.meta.url).href;
const BASE = fileURLToPath(new URL('../..', import.meta.url));

/** The same on a port that is free. Scripts count from the directory of the file, which is another one now. */
const CONFIG = `
import { join } from 'node:path';
import examples from ${JSON.stringify(EXAMPLES)};
export default {
  ...examples,
  apps: examples.apps.map((app) => ({ ...app, script: join(${JSON.stringify(BASE)}, app.script) })),
  sockets: examples.sockets.map((socket) => ({ ...socket, address: '127.0.0.1:0' })),
};`;

const partOfDay = '(night|morning|afternoon|evening)';

t.test('every route of the examples answers', async (t) => {
  const nanod = await serve(t, { config: CONFIG });
  const get = async (path: string): Promise<[number, string]> => {
    const response = await fetch(new URL(path, nanod.url));
    return [response.status, await response.text()];
  };
  t.match(await get('/'), [200, new RegExp(`^Good ${partOfDay}, world!\n20 \\+ 22 = 42\n$`)]);
  t.match(await get('/greet'), [200, new RegExp(`^Good ${partOfDay}, world!$`)]);
  t.match(await get('/greet?name=Ada'), [200, new RegExp(`^Good ${partOfDay}, Ada!$`)]);
  t.strictSame(await get('/calc/add?a=-5&b=7'), [200, '2']);
  t.match(await get('/calc/'), [200, /add/]);
  t.match(await get('/calc/add?a=1e9&b=x'), [400, /^numbers up to \d+, please\n$/]);
  t.strictSame(await get('/elsewhere'), [404, 'not found\n']);
  const { status, stdout, stderr } = await nanod.stop('SIGINT');
  t.equal(status, 0);
  t.equal(stderr, '', 'there is nothing to complain about');
  t.match(
    stdout,
    /^nanod serves 4 workers on \d+ threads?\n {2}http:\/\/127\.0\.0\.1:\d+\/ {2}gateway\ntry: curl http:\S+\n$/,
  );
});
