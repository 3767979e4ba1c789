/**
 * Answers with nanoseconds per call, by case: GET /?rounds=N gives a list of [awaited call of a local async function, call of the case] for
 * each. Every case is a loop of its own, as a worker has it: a loop that calls what it is given would measure that as well.
 */

const small = { id: 1, name: 'name', ok: true, when: 5, list: [1, 2, 3] };
const bytes = new Uint8Array(64 * 1024);
const url = 'http://callee/';

async function library(a, b) {
  return a + b;
}

async function libraryCalls(count) {
  for (let i = 0; i < count; i++) await library(i, 1);
}

/** By name: how many calls one round takes, and the loop that makes them. */
function methodCases({ DIRECT }) {
  return {
    'two numbers': [
      5000,
      async (n) => {
        for (let i = 0; i < n; i++) await DIRECT.add(i, 1);
      },
    ],
    'two numbers, async method': [
      3000,
      async (n) => {
        for (let i = 0; i < n; i++) await DIRECT.addAsync(i, 1);
      },
    ],
    'a small object': [
      2000,
      async (n) => {
        for (let i = 0; i < n; i++) await DIRECT.take(small);
      },
    ],
    'a small object and back': [
      1000,
      async (n) => {
        for (let i = 0; i < n; i++) await DIRECT.echo(small);
      },
    ],
    '64 KB': [
      100,
      async (n) => {
        for (let i = 0; i < n; i++) await DIRECT.length(bytes);
      },
    ],
    'copying 64 KB': [
      100,
      async (n) => {
        for (let i = 0; i < n; i++) await library(bytes.slice().length, 1);
      },
    ],
    'a chain of three': [
      200,
      async (n) => {
        for (let i = 0; i < n; i++) await DIRECT.chain().next().end();
      },
    ],
  };
}

function fetchCases({ DIRECT, HANDLERS }) {
  return {
    'fetch of five bytes, read': [
      2000,
      async (n) => {
        for (let i = 0; i < n; i++) {
          const response = await DIRECT.fetch(url);
          await response.text();
        }
      },
    ],
    'the same, async handler': [
      2000,
      async (n) => {
        for (let i = 0; i < n; i++) {
          const response = await HANDLERS.fetch(url);
          await response.text();
        }
      },
    ],
  };
}

function channelCases({ CHANNEL }) {
  return {
    'channel, one at a time': [
      20,
      async (n) => {
        for (let i = 0; i < n; i++) await CHANNEL.add(i, 1);
      },
    ],
    'channel, 1,000 in flight': [
      1000,
      async (n) => {
        await Promise.all(Array.from({ length: n }, (_, i) => CHANNEL.add(i, 1)));
      },
    ],
    'channel, a chain of three': [
      20,
      async (n) => {
        for (let i = 0; i < n; i++) await CHANNEL.chain().next().end();
      },
    ],
  };
}

/** To another nanod, where there is one. */
function httpCases({ HTTP }) {
  if (HTTP === undefined) return {};
  return {
    'http, one at a time': [
      20,
      async (n) => {
        for (let i = 0; i < n; i++) await HTTP.add(i, 1);
      },
    ],
    'http, 1,000 in flight': [
      1000,
      async (n) => {
        await Promise.all(Array.from({ length: n }, (_, i) => HTTP.add(i, 1)));
      },
    ],
    'http, a small object, 1,000 in flight': [
      1000,
      async (n) => {
        await Promise.all(Array.from({ length: n }, () => HTTP.take(small)));
      },
    ],
    'http, a chain of three': [
      20,
      async (n) => {
        for (let i = 0; i < n; i++) await HTTP.chain().next().end();
      },
    ],
    'http, 64 KB': [
      20,
      async (n) => {
        for (let i = 0; i < n; i++) await HTTP.length(bytes);
      },
    ],
  };
}

async function time(loop, calls) {
  const began = performance.now();
  await loop(calls);
  return ((performance.now() - began) * 1e6) / calls;
}

export default {
  async fetch(request, env) {
    const rounds = Number(new URL(request.url).searchParams.get('rounds'));
    const cases = Object.entries({
      ...methodCases(env),
      ...fetchCases(env),
      ...channelCases(env),
      ...httpCases(env),
    });
    const found = Object.fromEntries(cases.map(([name]) => [name, []]));
    for (let round = 0; round < rounds; round++)
      for (const [name, [calls, loop]] of cases)
        found[name].push([await time(libraryCalls, 20_000), await time(loop, calls)]);
    return Response.json(found);
  },
};
