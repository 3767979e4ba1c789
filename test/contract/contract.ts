/** Runs the cases of the contract over one route. */

import type { Test } from 'tap';
import { serve } from '../helpers/nanod.ts';
import type { Deployment } from '../helpers/nanod.ts';
import type { Case, ExpectedResponse } from './case.ts';
import { bodies } from './cases/bodies.ts';
import { calls } from './cases/calls.ts';
import { cancellation } from './cases/cancellation.ts';
import { errors } from './cases/errors.ts';
import { headers } from './cases/headers.ts';
import { redirects } from './cases/redirects.ts';
import { rpcCalls } from './cases/rpc-calls.ts';
import { rpcStubs } from './cases/rpc-stubs.ts';
import { rpcValues } from './cases/rpc-values.ts';
import { streams } from './cases/streams.ts';
import { webSockets } from './cases/web-sockets.ts';
import { calleeCode, callerCode } from './workers.ts';

/** A way that calls can take between two workers. */
export interface Route {
  readonly name: string;
  /** Where the callee is placed. */
  readonly calleeGroup: string;
  /** Cases that do not hold on this route, by name, and why. */
  readonly skip: readonly { readonly reason: string; readonly cases: readonly string[] }[];
}

const groups: Readonly<Record<string, readonly Case[]>> = {
  bodies,
  streams,
  cancellation,
  errors,
  headers,
  redirects,
  calls,
  rpcCalls,
  rpcValues,
  rpcStubs,
  webSockets,
};

/** Longer than any case takes; one that hangs fails by itself, and the others go on. */
const caseTimeout = 10_000;

/** Both workers, each with the bindings that cases need. */
export function deploy(cases: readonly Case[], calleeGroup: string, config: object = {}): Deployment {
  const props = { from: 'caller', list: [1, { deep: true }] };
  return {
    files: { 'caller.js': callerCode(cases), 'callee.js': calleeCode(cases) },
    config: {
      threads: 1,
      // MISSING is meant to be missed.
      preload: 'none',
      allowBindingCycles: true,
      groups: { [calleeGroup]: {} },
      ...config,
      apps: [
        {
          name: 'caller',
          script: 'caller.js',
          bindings: {
            CALLEE: { service: 'callee' },
            NAMED: { service: 'callee', entrypoint: 'Named', props },
            MISSING: { service: 'callee', entrypoint: 'Missing' },
            EMPTY: { service: 'callee', entrypoint: 'Empty' },
            METHODS: { service: 'callee', entrypoint: 'Methods', props },
            PLAIN: { service: 'callee', entrypoint: 'Plain' },
            DURABLE: { service: 'callee', entrypoint: 'Durable' },
            HANDLERS: { service: 'callee', entrypoint: 'handlers' },
            OWN: { service: 'caller', entrypoint: 'Own', props: { own: true } },
          },
        },
        {
          name: 'callee',
          script: 'callee.js',
          group: calleeGroup,
          bindings: {
            CALLER: { service: 'caller' },
            SELF: { service: 'callee' },
            OWN: { service: 'caller', entrypoint: 'Own' },
          },
        },
      ],
      sockets: [{ name: 'http', address: '127.0.0.1:0', service: 'caller' }],
    },
  };
}

/** Runs one case against a deployment of which it is case number `index`. */
export async function runCase(t: Test, url: string, index: number, { input, expected }: Case): Promise<void> {
  const response = await fetch(`${url}run/${index}`, {
    ...input,
    redirect: 'manual',
    signal: AbortSignal.timeout(caseTimeout),
  });
  const text = await response.text();
  const isAnswer =
    typeof expected === 'object' && expected !== null && 'status' in expected && 'body' in expected;
  if (!isAnswer) {
    t.strictSame(text === '' ? text : JSON.parse(text), { result: expected ?? null });
    return;
  }
  const wanted = expected as ExpectedResponse;
  t.strictSame([response.status, text], [wanted.status, wanted.body]);
  t.match(Object.fromEntries(response.headers), wanted.headers);
}

export async function contract(t: Test, { name, calleeGroup, skip }: Route): Promise<void> {
  const reasons = new Map(skip.flatMap(({ reason, cases }) => cases.map((each) => [each, reason] as const)));
  const all = Object.values(groups).flat();
  const nanod = await serve(t, deploy(all, calleeGroup));
  let index = 0;
  for (const [topic, cases] of Object.entries(groups)) {
    await t.test(`${name}: ${topic}`, async (t) => {
      for (const each of cases) {
        const number = index++;
        const reason = reasons.get(each.name);
        reasons.delete(each.name);
        await t.test(each.name, { skip: reason ?? false }, (t) => runCase(t, nanod.url, number, each));
      }
    });
  }
  t.strictSame([...reasons.keys()], [], 'every skipped case is there');
  t.equal(new Set(all.map((each) => each.name)).size, all.length, 'every name is given once');
  t.equal((await nanod.stop()).status, 0);
}
