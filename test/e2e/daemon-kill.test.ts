/**
 * The daemon is killed at random moments of a deployment: what comes back is what was there before or what was being deployed, never a
 * mixture. `NANOD_KILLS=100` kills it a hundred times; each time takes some seconds.
 */

import { readdirSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { DeployReport, ServiceReport } from '../../src/control/api.ts';
import { rewrite } from '../helpers/bundle.ts';
import { makeDaemon, text } from '../helpers/daemon.ts';

const kills = Number(process.env['NANOD_KILLS'] ?? 6);
const names = ['a', 'b', 'c'];

const config = {
  threads: 1,
  apps: names.map((name) => ({ name, script: `${name}.js` })),
  sockets: names.map((name) => ({ name, address: '127.0.0.1:0', service: name })),
};

/** Each worker answers with its number. */
function numbered(number: number): Record<string, string> {
  const code = `export default { fetch: () => new Response('${number}') };`;
  return Object.fromEntries(names.map((name) => [`${name}.js`, code]));
}

t.test(`after ${kills} kills in the middle of deployments`, async (t) => {
  const daemon = makeDaemon(t, { config, files: numbered(0) });
  await daemon.json<DeployReport>('start');
  const began = performance.now();
  rewrite(daemon.directory, numbered(1));
  await daemon.json('reload');
  const whole = performance.now() - began;
  let current = 1;
  for (let next = 2; next < kills + 2; next++) {
    rewrite(daemon.directory, numbered(next));
    const reload = daemon.nanod('reload');
    // Any moment will do: what is asserted holds for all of them.
    await sleep(Math.random() * whole * 1.1);
    daemon.signal('SIGKILL');
    const { status } = await reload;
    t.match(await daemon.nanod('resurrect'), { status: 0 });
    const services = await daemon.json<ServiceReport[]>('ls');
    t.strictSame(
      services.map(({ name, state }) => `${name} ${state}`),
      names.map((name) => `${name} online`),
    );
    const answers = new Set(await Promise.all(services.map(({ urls }) => text(urls[0]))));
    t.equal(answers.size, 1, 'all of one deployment');
    const [answer] = [...answers].map(Number);
    t.ok(answer === current || answer === next, `${answer} is ${current} or ${next}`);
    if (status === 0) t.equal(answer, next, 'a deployment that was reported is kept');
    current = Number(answer);
  }
  t.strictSame(
    readdirSync(daemon.home).filter((name) => name.includes('corrupt')),
    [],
  );
});
