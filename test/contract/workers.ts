/** The two workers that hold all cases: a caller, which the test reaches, and a callee, which only the caller reaches. */

import type { Case } from './case.ts';

function tableOf(cases: readonly Case[], side: 'caller' | 'callee' | 'back'): string {
  return `[${cases.map((each) => String(each[side])).join(',\n')}]`;
}

/** Answers `/run/<case>` for the test, and `/back/<case>` for the callee. */
export function callerCode(cases: readonly Case[]): string {
  return `
const callers = ${tableOf(cases, 'caller')};
const backs = ${tableOf(cases, 'back')};

function given(index, request, env) {
  const url = 'http://callee/' + index + '/';
  const note = async (key) => (await env.CALLEE.fetch(url + '~notes/' + key)).json();
  return {
    url, note, request,
    callee: env.CALLEE, named: env.NAMED, missing: env.MISSING, empty: env.EMPTY,
    async turns(count) {
      for (let i = 0; i < count; i++) await (await env.CALLEE.fetch(url + '~turn')).text();
    },
  };
}

async function run(index, request, env) {
  try {
    const result = await callers[index](given(index, request, env));
    if (result instanceof Response) return result;
    return Response.json({ result });
  } catch (error) {
    return Response.json({ threw: String(error?.stack ?? error) });
  }
}

export default {
  async fetch(request, env) {
    const [, way, index] = new URL(request.url).pathname.split('/');
    return way === 'run' ? run(index, request, env) : backs[index](request, { callee: env.CALLEE, missing: env.MISSING });
  },
};`;
}

/** Answers `/<case>/...`, and says what a case has noted. */
export function calleeCode(cases: readonly Case[]): string {
  return `
const callees = ${tableOf(cases, 'callee')};
const noted = new Map();

function notesOf(index) {
  const slot = (key) => {
    const name = index + '/' + key;
    if (!noted.has(name)) noted.set(name, Promise.withResolvers());
    return noted.get(name);
  };
  return {
    set(key, value) {
      const name = index + '/' + key;
      slot(key).resolve(value);
      noted.set(name, { promise: Promise.resolve(value), resolve() {} });
    },
    get: (key) => slot(key).promise,
  };
}

const answer = (entrypoint) => ({
  fetch(request, env, ctx) {
    const [, index, rest, key] = new URL(request.url).pathname.split('/');
    const notes = notesOf(index);
    if (rest === '~turn') return new Promise((resolve) => setTimeout(() => resolve(new Response('')), 1));
    if (rest === '~notes') return notes.get(key).then((value) => Response.json(value ?? null));
    return callees[index](request, { notes, ctx, entrypoint, caller: env.CALLER, self: env.SELF });
  },
});

export default answer('default');
export const Named = answer('Named');
export const Empty = { other() {} };`;
}
