/** Answers with nanoseconds per call, by case. */

const small = { id: 1, name: 'name', ok: true, when: 5, list: [1, 2, 3] };
const bytes = new Uint8Array(64 * 1024);

async function library(a, b) {
  return a + b;
}

/** Each takes the number of calls that it makes. */
function casesOf({ DIRECT, CHANNEL }) {
  const inTurn = (count, call) => async (scale) => {
    const calls = Math.ceil(count * scale);
    for (let i = 0; i < calls; i++) await call(i);
    return calls;
  };
  const pipelined = (width, turns, call) => async (scale) => {
    const calls = Math.ceil(turns * scale);
    for (let i = 0; i < calls; i++) await Promise.all(Array.from({ length: width }, (_, j) => call(j)));
    return calls * width;
  };
  return {
    library: inTurn(50_000, (i) => library(i, 1)),
    'two numbers': inTurn(50_000, (i) => DIRECT.add(i, 1)),
    'two numbers, async method': inTurn(50_000, (i) => DIRECT.addAsync(i, 1)),
    'a small object': inTurn(20_000, () => DIRECT.take(small)),
    'a small object and back': inTurn(20_000, () => DIRECT.echo(small)),
    '64 KB': inTurn(2_000, () => DIRECT.length(bytes)),
    'copying 64 KB': inTurn(2_000, () => library(bytes.slice().length, 1)),
    'a chain of three': inTurn(5_000, () => DIRECT.chain().next().end()),
    'fetch of five bytes, read': inTurn(20_000, async () => (await DIRECT.fetch('http://callee/')).text()),
    'channel, one at a time': inTurn(300, (i) => CHANNEL.add(i, 1)),
    'channel, 1,000 in flight': pipelined(1000, 10, (i) => CHANNEL.add(i, 1)),
    'channel, a chain of three': inTurn(300, () => CHANNEL.chain().next().end()),
  };
}

export default {
  async fetch(request, env) {
    const found = {};
    for (const [name, run] of Object.entries(casesOf(env))) {
      await run(0.1);
      const began = performance.now();
      const calls = await run(1);
      found[name] = ((performance.now() - began) * 1e6) / calls;
    }
    return Response.json(found);
  },
};
