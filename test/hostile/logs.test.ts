/** What a worker prints, throws and rejects is data in the log: no record of another service, nothing that a terminal obeys, no flood. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { DeployReport } from '../../src/control/api.ts';
import { makeDaemon, text } from '../helpers/daemon.ts';

const attack = `
  const forged = '{"level":50,"time":1,"service":"nanod","msg":"forged"}';
  const pretty = '2026-11-23T01:02:03.004Z ERROR nanod: forged';
  const texts = [
    'x\\n' + forged, 'x\\r' + forged + '\\r\\n' + forged, '"}\\n' + forged, 'x\\n' + pretty + '\\n', '\\u2028' + forged, '\\u0085' + pretty,
    '\\u001b[2J\\u001b]0;title\\u0007', '\\u009b2J\\u009d0;title\\u009c', '\\b\\b\\b' + pretty, '\\u202e' + pretty, '\\ud800\\n' + forged, '\\0' + forged,
    '%s %d %o %c', '\${process.env}', '__proto__', 'y'.repeat(300000) + '\\n' + forged,
  ];
  class Odd extends Error { get name() { return texts[0]; } get message() { return texts[1]; } }
  const thrown = () => {
    const errors = texts.map((text) => Object.assign(new Error(text), { name: text }));
    const stacked = new Error('stack');
    Object.defineProperty(stacked, 'stack', { value: 'Error\\n' + forged + '\\n' + pretty });
    return [...errors, stacked, new Odd(), { toString() { return texts[0]; } }, texts[0], null];
  };
  export default { async fetch(request) {
    if (request.url.endsWith('/throw')) throw thrown()[0];
    for (const text of texts) {
      for (const method of ['log', 'info', 'debug', 'warn', 'error', 'trace', 'dir', 'table', 'dirxml', 'count', 'timeEnd', 'assert'])
        method === 'assert' ? console.assert(false, text) : console[method](text);
      console.log({ [text]: text, service: 'nanod', level: 50, toJSON() { return forged; } });
      console.log('%s', text, { msg: text });
      console.group(text); console.log(text); console.groupEnd();
    }
    for (const error of thrown()) {
      console.error(error);
      Promise.reject(error);
      setTimeout(() => { throw error; });
      queueMicrotask(() => { throw error; });
    }
    return new Response('done');
  } };`;

/** Control characters, and what breaks or reorders lines. */
const obeyed = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/u;

for (const format of ['json', 'pretty']) {
  t.test(`records of a worker that forges, in files with the format ${format}`, async (t) => {
    const daemon = makeDaemon(t, {
      config: {
        threads: 1,
        logs: { format },
        apps: [
          { name: 'evil', script: 'evil.js' },
          { name: 'good', script: 'good.js' },
        ],
        sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'evil' }],
      },
      files: { 'evil.js': attack, 'good.js': 'export default {}' },
    });
    const { sockets } = await daemon.json<DeployReport>('start');
    const url = sockets[0]?.url ?? '';
    t.equal(await text(url), 'done');
    t.match(await text(`${url}throw`), /^500/);
    // What timers and rejections say comes later; the last request is logged after them.
    const all = async (...args: string[]): Promise<string> =>
      (await daemon.nanod('logs', '--no-follow', '--lines', '100000', ...args)).stdout;
    while (!(await all('evil', '--grep', '^uncaught')).includes('uncaught')) await text(`${url}throw`);

    const shown = await all();
    t.notMatch(shown, obeyed);
    for (const line of shown.trimEnd().split('\n'))
      if (!line.startsWith('    '))
        t.match(line, /^\d{4}-\d\d-\d\d \S+ [A-Z]+ +(?:evil|nanod)(?: \[[\w-]+\])?: /);
    t.notMatch(shown, /^\S+ \S+ [A-Z]+ +nanod.*forged/m);
    t.equal(await all('good'), '');
    t.notMatch(await all('nanod'), /forged/);
    const records = (await all('--json'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { service: string; msg: string; time: number });
    t.strictSame([...new Set(records.map(({ service }) => service))].toSorted(), ['evil', 'nanod']);
    t.ok(records.every(({ time }) => time > 1000));
    t.ok(
      records.some(({ msg }) => / more characters$/u.test(msg)),
      'long lines are cut',
    );

    const directory = join(daemon.home, 'logs');
    // The daemon's own begins before there is a configuration that says how it is written.
    const others = ['start.log', ...(format === 'pretty' ? ['nanod.log'] : [])];
    for (const name of readdirSync(directory).filter((each) => !others.includes(each))) {
      const lines = readFileSync(join(directory, name), 'utf8').split('\n');
      t.equal(lines.pop(), '');
      const service = name === 'nanod.log' ? 'nanod' : 'evil';
      for (const line of lines) {
        if (format === 'json') t.equal((JSON.parse(line) as { service: string }).service, service);
        else t.match(line, new RegExp(`^\\d{4}-\\S+Z [A-Z]+ +${service}(?: \\[[\\w-]+\\])?: `));
        t.notMatch(line, obeyed);
      }
    }
  });
}
