/** BroadcastChannel reaches the realms of a service on every thread. */

import { request } from 'node:http';
import t from 'tap';
import { serve, single } from '../helpers/nanod.ts';

const WORKER = `const life = crypto.randomUUID();
const heard = new Set();
const channel = new BroadcastChannel('lives');
channel.onmessage = ({ data }) => heard.add(data.life);
export default {
  fetch() {
    channel.postMessage({ life, bytes: new Uint8Array(4) });
    return Response.json({ life, heard: [...heard] });
  },
};
`;

interface Answer {
  readonly life: string;
  readonly heard: readonly string[];
}

/** Over a connection of its own, so that any thread may answer. */
function ask(url: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(url, { agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(JSON.parse(text) as Answer));
    })
      .on('error', reject)
      .end();
  });
}

t.test('what one thread posts is heard on the others', async (t) => {
  const nanod = await serve(t, single(WORKER, { threads: 2 }));
  const lives = new Map<string, readonly string[]>();
  const isHeard = (): boolean => lives.size === 2 && [...lives.values()].every(({ length }) => length > 0);
  while (!isHeard()) {
    const { life, heard } = await ask(nanod.url);
    lives.set(life, heard);
  }
  for (const [life, heard] of lives) t.notOk(heard.includes(life), 'nobody hears itself');
  const [one, two] = [...lives.keys()];
  t.same([...lives.values()], [[two], [one]]);
  const { status, log } = await nanod.stop();
  t.same([status, log.length], [0, 0]);
});
