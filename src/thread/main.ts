/**
 * A pool thread: piscina runs the default export as its one resident task. It ends when the thread is drained; when it is
 * rejected the thread is lost, and the supervisor starts another.
 */

import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { getHeapStatistics } from 'node:v8';
import type { MessagePort } from 'node:worker_threads';
import * as Comlink from 'comlink';
import { nodeEndpoint } from '../messages/endpoint.ts';
import type {
  AdoptedDescriptors,
  CrashedSpec,
  DrainReport,
  EvaluationFailure,
  ListenFailure,
  PeerSpec,
  StageReport,
  ThreadControl,
  WorkerCheck,
} from '../messages/control.ts';
import type { CrashMessage } from '../messages/crash.ts';
import type { ServiceChanges, SocketSpec, ThreadStartup } from '../messages/startup.ts';
import { makeSharedHost } from '../realm/host/index.ts';
import { compilePrelude, nodejsCompiler } from '../realm/realm.ts';
import { endEra } from '../services/request-context.ts';
import type { Service } from '../services/service.ts';
import { RunningMark } from '../shared/running-mark.ts';
import { Channel } from './channel/channel.ts';
import { Peers } from './channel/peers.ts';
import { Builds } from './dynamic/builds.ts';
import { hardenThread } from './harden.ts';
import type { IngressPowers } from './ingress/ingress-powers.ts';
import { Ingress } from './ingress/ingress.ts';
import type { ServicePowers } from './make-service.ts';
import type { LinkPowers } from './link/link-powers.ts';
import { Registry } from './registry.ts';
import { testControl } from './run-test.ts';
import { makeThreadLog, type ThreadLog, threadOrigin } from './thread-log.ts';
import { VitalSigns } from './vitals.ts';

/** How often a drain looks whether `waitUntil` work has ended, in milliseconds. */
const drainInterval = 20;

export default function runThread(startup: ThreadStartup): Promise<void> {
  return new Promise((resolve) => {
    const control = makeThread(startup, resolve);
    Comlink.expose(control, nodeEndpoint(startup.control));
  });
}

function makeThread(startup: ThreadStartup, finish: () => void): ThreadControl {
  const { thread, evaluationTimeout } = startup;
  const log = makeThreadLog(startup.logs, thread);
  const { nextTick } = process;
  const mark = new RunningMark(startup.mark);
  const onEnter = (service: string): void => mark.enter(service);
  handOverFailures(log, () => registry);
  let compileNodejs = nodejsCompiler(startup.nodejs);
  const peers = new Peers();
  const links = linkPowers(peers, () => registry);
  const powers: ServicePowers = {
    prelude: compilePrelude(startup.prelude.text, startup.prelude.cachedData),
    nodejs: () => compileNodejs(),
    shared: makeSharedHost(),
    thread,
    log,
    group: (name) => peers.group(name),
    abandonRemote: (onSettle) => peers.abandon(onSettle),
    builds: new Builds(startup.builds),
    links,
    now: () => performance.now(),
    evaluationTimeout,
    onEnter,
  };
  const registry = new Registry(startup.services, powers, (service, crash) => {
    const message: CrashMessage = { service, thread, ...crash };
    startup.crashes.postMessage(message);
  });
  let onIdle = (): void => {};
  const ingress = makeIngress(startup, registry, links, log, { onIdle: () => onIdle(), onEnter });
  return {
    ready: () => registry.prepare(),
    evaluate: (check) => evaluate(registry, check),
    stage(changes) {
      if (changes.nodejs !== undefined) compileNodejs = nodejsCompiler(changes.nodejs);
      return stage(registry, changes);
    },
    discard: () => registry.discard(),
    commit(sockets, drainMs) {
      const former = registry.commit();
      ingress.lead(sockets);
      void retire(registry, former, drainMs);
    },
    ...listeningControl(ingress),
    connect: (peer, port: MessagePort) => connect({ peer, port, peers, registry, nextTick, onEnter }),
    restart: (crashed, waitMs, drainMs) => restart(registry, crashed, waitMs, drainMs),
    ...countingControl(registry),
    ...testControl(registry, (service) => evaluate(registry, { service, entrypoints: [] })),
    async drain(deadlineMs, lingerMs) {
      ingress.stopAccepting(lingerMs);
      const report = await untilIdle(ingress, registry, deadlineMs, (listener) => (onIdle = listener));
      await close(registry, peers);
      log.flush();
      setImmediate(finish); // the report leaves first
      return report;
    },
  };
}

function listeningControl(ingress: Ingress): Pick<ThreadControl, 'listen' | 'unlisten' | 'descriptors'> {
  return {
    unlisten: (ids) => ingress.unlisten(ids),
    listen: (sockets, adopted) => listen(ingress, sockets, adopted),
    descriptors: () => ingress.descriptors(),
  };
}

/** What the thread tells of itself. */
function countingControl(
  registry: Registry,
): Pick<ThreadControl, 'memory' | 'counters' | 'shares' | 'observe'> {
  const vitals = new VitalSigns();
  return {
    memory: heldBytes,
    counters: () => registry.counters(),
    shares: () => registry.shares(),
    observe: () => ({ edges: registry.counters(), services: registry.services(), ...vitals.read() }),
  };
}

function linkPowers(peers: Peers, registry: () => Registry): LinkPowers {
  const { nextTick } = process;
  return {
    nextTick: (flush) => nextTick(flush),
    track: (channel) => peers.track(channel),
    mapStack: (stack) => registry().mapStack(stack),
  };
}

interface Connection {
  readonly peer: PeerSpec;
  readonly port: MessagePort;
  readonly peers: Peers;
  readonly registry: Registry;
  readonly nextTick: (flush: () => void) => void;
  readonly onEnter: (service: string) => void;
}

/** Opens the channel to another thread. */
function connect({ peer, port, peers, registry, nextTick, onEnter }: Connection): void {
  const channel = new Channel({
    port,
    target(service, entrypoint, props) {
      onEnter(service);
      return registry.target({ service, entrypoint, props }, undefined);
    },
    mapStack: (stack) => registry.mapStack(stack),
    nextTick: (flush) => nextTick(flush),
    onClose: () => peers.remove(peer),
  });
  peers.add(peer, channel);
}

async function close(registry: Registry, peers: Peers): Promise<void> {
  await nextTurn(); // workers hear that the last clients have gone
  await registry.close();
  // Realms have closed their WebSockets: the other threads hear of that in two turns, one for the ends and one for the channel.
  await nextTurn();
  await nextTurn();
  peers.closeAll();
}

async function listen(
  ingress: Ingress,
  sockets: readonly SocketSpec[],
  adopted: AdoptedDescriptors = {},
): Promise<ListenFailure[]> {
  const failures = await Promise.all(sockets.map((socket) => ingress.listen(socket, adopted[socket.id])));
  return failures.filter((failure) => failure !== undefined);
}

/** What nobody catches goes to the log, by way of its realm where it has one. */
function handOverFailures(log: ThreadLog, registry: () => Registry): void {
  hardenThread({
    onUncaughtException: () => log.write(threadOrigin, 50, 'an exception was caught by no one'),
    onUnhandledRejection(promise, reason) {
      if (!registry().reportRejection(promise, reason))
        log.write(threadOrigin, 50, 'a rejected promise was handled by no one');
    },
    onRejectionHandled: (promise) => registry().reportHandled(promise),
  });
}

function makeIngress(
  { thread, ingress: limits }: ThreadStartup,
  registry: Registry,
  links: LinkPowers,
  log: ThreadLog,
  turns: Pick<IngressPowers, 'onIdle' | 'onEnter'>,
): Ingress {
  let requests = 0;
  return new Ingress({
    target: (to, socket) => registry.target(to, { kind: 'socket', name: socket }),
    limits,
    links,
    nextRequestId: () => `${thread.toString(36)}-${(++requests).toString(36)}`,
    ...turns,
    log: (level, text, service, error) =>
      log.write(
        registry.origin(service),
        level,
        text,
        error && { error: { source: 'body', ...registry.describeFailure(error) } },
      ),
  });
}

/** What the thread's own objects and buffers take. */
function heldBytes(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

/** See ThreadControl.restart. */
function restart(
  registry: Registry,
  { service, version }: CrashedSpec,
  waitMs: number | 'never',
  drainMs: number,
): void {
  const due = waitMs === 'never' ? undefined : performance.now() + waitMs;
  const left = due === undefined ? undefined : (): number => (due - performance.now()) / 1000;
  const rested = registry.rest(service, version, left);
  if (rested === undefined) return;
  const { waiting, former } = rested;
  if (former !== undefined) void retire(registry, [former], drainMs);
  if (waitMs === 'never') return;
  if (waitMs > 0) setTimeout(() => void registry.wake(service, waiting), waitMs);
  else void registry.wake(service, waiting);
}

async function stage(registry: Registry, changes: ServiceChanges): Promise<StageReport> {
  const evaluated = registry.stage(changes);
  const failures: EvaluationFailure[] = [];
  for (const service of evaluated) failures.push(...(await evaluate(registry, { service, entrypoints: [] })));
  return { evaluated, failures };
}

/** Closes services when nobody uses them any more: requests may that began before, and so may work that outlives its request. */
async function retire(registry: Registry, services: readonly Service[], drainMs: number): Promise<void> {
  const deadline = performance.now() + drainMs;
  const ended = endEra();
  let isOver = false;
  void ended.then(() => (isOver = true));
  if (services.length === 0) return;
  while (performance.now() < deadline && (!isOver || registry.pending(services) > 0)) await nextLook();
  await registry.retire(services);
}

function nextLook(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, drainInterval));
}

async function evaluate(
  registry: Registry,
  { service, entrypoints }: WorkerCheck,
): Promise<EvaluationFailure[]> {
  const failures: EvaluationFailure[] = [];
  for (const worker of registry.workers(service)) {
    const error = await worker.load();
    if (error?.code === 'WORKER_TIMEOUT') failures.push({ kind: 'late', service });
    else if (error !== undefined)
      failures.push({ kind: 'threw', service, ...registry.describeFailure(error) });
    if (error !== undefined) continue;
    const missing = entrypoints.filter((name) => worker.hasEntrypoint(name) === false);
    failures.push(...missing.map((entrypoint) => ({ kind: 'no-entrypoint' as const, service, entrypoint })));
  }
  return failures;
}

/** Resolves when what is due in this turn of the event loop has been done. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function untilIdle(
  ingress: Ingress,
  registry: Registry,
  deadlineMs: number,
  setOnIdle: (listener: () => void) => void,
): Promise<DrainReport> {
  return new Promise((resolve) => {
    const done = (aborted: number): void => {
      clearTimeout(deadline);
      clearInterval(poll);
      resolve({ aborted });
    };
    const look = (): void => {
      if (ingress.isIdle && registry.pending() === 0) done(0);
    };
    const deadline = setTimeout(() => done(ingress.abortAll()), deadlineMs);
    const poll = setInterval(look, drainInterval);
    setOnIdle(look);
    look();
  });
}
