/** `nanod graph`, as it is called. */

import t from 'tap';
import { runNanod } from '../helpers/nanod.ts';

const deployment = {
  config: {
    apps: [
      { name: 'a', script: 'a.js', bindings: { B: { service: 'b' } }, globalOutbound: 'b' },
      { name: 'b', script: 'b.js' },
    ],
    sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'a' }],
  },
  // It is neither run nor bundled.
  files: { 'a.js': 'not JavaScript', 'b.js': '' },
};

t.test('a picture, or JSON for a program, goes to standard output', async (t) => {
  const svg = await runNanod(t, { ...deployment, args: ['graph', '--format', 'svg'] });
  t.match(svg, { status: 0, stderr: '', stdout: /^<\?xml[^]*<\/svg>\s*$/u });
  const json = await runNanod(t, { ...deployment, args: ['graph', '--reachable-from', 'http', '--json'] });
  t.match(json, { status: 0, stderr: '' });
  t.match(JSON.parse(json.stdout), {
    of: { kind: 'socket', name: 'http' },
    answers: [{ name: 'a' }, { name: 'b' }, { name: 'internet' }],
  });
});

t.test('what is wrong ends with status 2', async (t) => {
  const unknown = await runNanod(t, { ...deployment, args: ['graph', '--who-can-reach', 'http'] });
  t.match(unknown, {
    status: 2,
    stdout: '',
    stderr: /^error\[CONFIG_UNKNOWN_NAME\]: --who-can-reach http: /u,
  });
  const both = await runNanod(t, {
    ...deployment,
    args: ['graph', '--who-can-reach', 'a', '--reachable-from', 'b'],
  });
  t.match(both, { status: 2, stdout: '', stderr: /^error\[USAGE\]/u });
  const format = await runNanod(t, { ...deployment, args: ['graph', '--format', 'png'] });
  t.match(format, { status: 2, stdout: '', stderr: /^error\[USAGE\].*png/su });
});
