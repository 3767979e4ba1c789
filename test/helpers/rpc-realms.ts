/**
 * A caller and a callee in two realms of this process, with methods between them by one route: direct, or a channel whose two ends are
 * here, or a connection as between two nanods. For what happens when one of the realms, or the channel, goes: both can be told to at any point of a call.
 */

import { nextTick } from 'node:process';
import { MessageChannel } from 'node:worker_threads';
import type { Test } from 'tap';
import type { RealmHooks } from '../../src/realm/realm.ts';
import type { EntrypointState, TargetState } from '../../src/realm/prelude/state.ts';
import { makeHostError } from '../../src/services/host-error.ts';
import { RemoteService } from '../../src/services/remote.ts';
import { atRequestEnd } from '../../src/services/request-context.ts';
import { makeTarget, Target } from '../../src/services/service.ts';
import { Channel } from '../../src/thread/channel/channel.ts';
import { type Linked, type LinkedOptions, makeLinked } from './links.ts';
import { makeTestRealm, type TestRealm } from './realm.ts';

export interface RpcRealms {
  readonly caller: TestRealm;
  readonly callee: TestRealm;
  /** Runs a step of the caller, and gives what it returns by way of JSON. */
  step(name: string): Promise<unknown>;
  /** Runs a method of the callee's exported object `host`, which no other service can call. */
  ask(name: string): Promise<unknown>;
  /** The channel's two ends; none on the direct route, and on that of http those that are open now. */
  readonly channels: readonly Channel[];
  /** What the two ends of the channel hold for each other. */
  held(): number;
  /** On the route of http. */
  readonly linked: Linked | undefined;
}

export interface RpcRealmsOptions {
  readonly route: 'direct' | 'channel' | 'http';
  /** Statements that define `class Callee extends WorkerEntrypoint`, and functions of `host`. */
  readonly callee: string;
  /** Functions by name: each gets `env`, whose `CALLEE` is the callee, and an object that is the same for all of them. */
  readonly steps: Readonly<Record<string, string>>;
  /** On the route of http: what the two servers say about it. */
  readonly linked?: Pick<LinkedOptions, 'server' | 'client'>;
}

const builtins = `const { RpcPromise, RpcStub, RpcTarget, WorkerEntrypoint } = $nanod.builtin('cloudflare:workers');`;

const stepper = (table: string, env: string): string => `{ async fetch(request, env) {
  const name = new URL(request.url).pathname.slice(1);
  try {
    return Response.json({ value: (await ${table}[name](${env})) ?? null });
  } catch (error) {
    return Response.json({ threw: String(error?.stack ?? error) });
  }
} }`;

export async function makeRpcRealms(t: Test, options: RpcRealmsOptions): Promise<RpcRealms> {
  const hooks = { atRequestEnd, broken: () => makeHostError('RPC_BROKEN', { service: 'callee' }) };
  const callee = await makeTestRealm(
    `"use strict";($nanod) => { ${builtins} const host = {}; ${options.callee}
    $nanod.exports({ default: () => Callee, host: () => (${stepper('host', '')}) }); }`,
    { hooks },
  );
  const target = (entrypoint: string): EntrypointState =>
    callee.realm.entry.open(entrypoint, '') as EntrypointState;
  const { channels, open, linked } = await makeRoute(t, options, () => new Target(target('default'), ''));
  const way = new Target(
    open?.() ?? target('default'),
    options.route === 'direct' ? '["callee","default",""]' : '',
  );
  const steps = Object.entries(options.steps).map(([name, code]) => `${JSON.stringify(name)}: ${code}`);
  const leave: RealmHooks['leave'] = (onSettle) => {
    if (options.route === 'direct') callee.realm.entry.abandonCalls(onSettle);
    for (const channel of channels) channel.abandon(onSettle);
  };
  const caller = await makeTestRealm(
    `"use strict";($nanod) => { ${builtins} const kept = {}; const steps = { ${steps.join(',\n')} };
    $nanod.exports({ default: () => (${stepper('steps', 'env, kept')}) }); }`,
    {
      targets: [makeTarget(() => {}), way],
      bindings: [{ kind: 'service', name: 'CALLEE', target: 1 }],
      hooks: { atRequestEnd, leave, broken: () => makeHostError('RPC_BROKEN', { service: 'caller' }) },
    },
  );
  t.teardown(() => {
    caller.realm.dispose();
    callee.realm.dispose();
    for (const channel of channels) channel.close();
  });
  return {
    caller,
    callee,
    channels,
    linked,
    step: async (name) => valueOf(await caller.fetch(`http://caller/${name}`)),
    ask: async (name) => valueOf(await callee.fetch(`http://callee/${name}`, { entrypoint: 'host' })),
    held: () => channels.reduce((sum, channel) => sum + channel.held, 0),
  };
}

interface RouteOfTest {
  readonly channels: readonly Channel[];
  /** The way to the callee; undefined where that is direct. */
  readonly open?: () => EntrypointState;
  readonly linked?: Linked;
}

async function makeRoute(
  t: Test,
  { route, linked: said }: RpcRealmsOptions,
  target: () => TargetState,
): Promise<RouteOfTest> {
  if (route === 'direct') return { channels: [] };
  if (route === 'http') {
    const linked = await makeLinked(t, { target, ...said });
    return { channels: linked.channels, open: () => linked.service.open('default', ''), linked };
  }
  const channels = makeChannels(t, target);
  const group = { next: () => channels[0] };
  return { channels, open: () => new RemoteService('callee', group).open('default', '') };
}

function makeChannels(t: Test, target: () => TargetState): Channel[] {
  const { port1, port2 } = new MessageChannel();
  t.teardown(() => port1.close());
  const options = { target, mapStack: (stack: string) => stack, nextTick, onClose: () => {} };
  return [port1, port2].map((port) => new Channel({ port, ...options }));
}

function valueOf({ body }: { body: unknown }): unknown {
  const answer = JSON.parse(typeof body === 'string' ? body : 'null') as { value?: unknown; threw?: string };
  if (answer.threw !== undefined) throw new Error(answer.threw);
  return answer.value;
}
