/** Runs the cases of the contract over one route. */

import type { Test } from 'tap';
import { serve } from '../helpers/nanod.ts';
import type { Deployment, Nanod } from '../helpers/nanod.ts';
import type { Case, ExpectedResponse } from './case.ts';
import { bodies } from './cases/bodies.ts';
import { calls } from './cases/calls.ts';
import { cancellation } from './cases/cancellation.ts';
import { connections } from './cases/connections.ts';
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
  /** Starts both workers. Resolves with the nanod whose socket leads to the caller, and with all that were started. */
  readonly start: (t: Test, cases: readonly Case[]) => Promise<{ front: Nanod; all: readonly Nanod[] }>;
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
  connections,
};

/** Longer than any case takes; one that hangs fails by itself, and the others go on. */
const caseTimeout = 60_000;

const props = { from: 'caller', list: [1, { deep: true }] };

const callerApp = {
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
};

const calleeApp = {
  name: 'callee',
  script: 'callee.js',
  bindings: {
    CALLER: { service: 'caller' },
    SELF: { service: 'callee' },
    OWN: { service: 'caller', entrypoint: 'Own' },
  },
};

const callerSocket = { name: 'http', address: '127.0.0.1:0', service: 'caller' };

// MISSING is meant to be missed.
const common = { threads: 1, preload: 'none', allowBindingCycles: true };

/** Both workers, each with the bindings that cases need. */
export function deploy(cases: readonly Case[], calleeGroup: string, config: object = {}): Deployment {
  return {
    files: { 'caller.js': callerCode(cases), 'callee.js': calleeCode(cases) },
    config: {
      ...common,
      groups: { [calleeGroup]: {} },
      ...config,
      apps: [callerApp, { ...calleeApp, group: calleeGroup }],
      sockets: [callerSocket],
    },
  };
}

/** What the callee's socket lets others call. */
const calleeEntrypoints = ['Named', 'Missing', 'Empty', 'Methods', 'Plain', 'Durable', 'handlers'];

/** Each worker in a nanod of its own; they call each other by way of two sockets in a directory. */
export function deployApart(cases: readonly Case[], directory: string, token: string): Deployment[] {
  const socket = (name: string, entrypoints: readonly string[]): object => ({
    name: `rpc-${name}`,
    address: `unix:${directory}/${name}`,
    service: name,
    rpc: { entrypoints, props: true, token },
  });
  const other = (name: string): object => ({
    name,
    kind: 'external',
    address: `unix:${directory}/${name}`,
    rpc: { token },
  });
  return [
    {
      files: { 'caller.js': callerCode(cases) },
      config: {
        ...common,
        apps: [callerApp],
        services: [other('callee')],
        sockets: [callerSocket, socket('caller', ['Own'])],
      },
    },
    {
      files: { 'callee.js': calleeCode(cases) },
      config: {
        ...common,
        apps: [calleeApp],
        services: [other('caller')],
        sockets: [socket('callee', calleeEntrypoints)],
      },
    },
  ];
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

/** Both workers in one nanod, the callee in a group. */
export function together(calleeGroup: string): Route['start'] {
  return async (t, cases) => {
    const nanod = await serve(t, deploy(cases, calleeGroup));
    return { front: nanod, all: [nanod] };
  };
}

export async function contract(t: Test, { name, start, skip }: Route): Promise<void> {
  const reasons = new Map(skip.flatMap(({ reason, cases }) => cases.map((each) => [each, reason] as const)));
  const all = Object.values(groups).flat();
  const { front, all: nanods } = await start(t, all);
  let index = 0;
  for (const [topic, cases] of Object.entries(groups)) {
    await t.test(`${name}: ${topic}`, async (t) => {
      for (const each of cases) {
        const number = index++;
        const reason = reasons.get(each.name);
        reasons.delete(each.name);
        await t.test(each.name, { skip: reason ?? false }, (t) => runCase(t, front.url, number, each));
      }
    });
  }
  t.strictSame([...reasons.keys()], [], 'every skipped case is there');
  t.equal(new Set(all.map((each) => each.name)).size, all.length, 'every name is given once');
  for (const nanod of nanods) t.equal((await nanod.stop()).status, 0);
}
