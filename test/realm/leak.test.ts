/**
 * Realms that are gone leave nothing behind: what 2,000 of them hold is measured after forced collections, and its slope must be flat. A single
 * realm that stayed would be some 300 KB a cycle.
 */

import { setFlagsFromString } from 'node:v8';
import vm from 'node:vm';
import t from 'tap';
import { makeTestRealm } from '../helpers/realm.ts';

setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

const cycles = 2000;
/** Between two measurements. */
const stride = 200;
/** Cycles before the first: caches fill, code is compiled. */
const warmUp = 400;
/** Bytes a cycle. Far above what measuring itself varies by, far below what the smallest realm holds. */
const most = 2048;

/** A worker that leaves behind what could keep a realm alive: timers, listeners, streams half read, promises that never settle. */
const worker = `"use strict";($nanod) => { $nanod.exports({ default: () => handler });
const handler = { async fetch(request, env, ctx) {
  setInterval(() => {}, 60_000);
  setTimeout(() => {}, 60_000, new Uint8Array(1024));
  addEventListener('unhandledrejection', () => {});
  const controller = new AbortController();
  controller.signal.addEventListener('abort', () => {});
  AbortSignal.any([controller.signal, AbortSignal.timeout(60_000), request.signal]);
  const stream = new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(256)); } }).pipeThrough(new CompressionStream('gzip'));
  await stream.getReader().read();
  const [branch] = new Response('text').body.tee();
  void branch.getReader().closed;
  structuredClone(new Map([[{}, new Blob(['x'])]]));
  performance.mark('a');
  console.log(crypto.randomUUID());
  const url = new URL(request.url);
  return Response.json({ path: url.pathname, ok: await new Promise((resolve) => queueMicrotask(() => resolve(true))) });
} };
}`;

async function cycle(index: number): Promise<void> {
  const { realm, fetch } = await makeTestRealm(worker);
  const { body } = await fetch(`http://test/${index}`);
  if (body !== JSON.stringify({ path: `/${index}`, ok: true })) throw new Error('a bad answer');
  realm.dispose();
}

/** Bytes in use, once everything that can be collected has been: finalizers and weak callbacks run in turns of their own. */
async function bytesInUse(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    await new Promise(setImmediate);
    collect();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Of the line through the points that lies closest to them. */
function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (index: 0 | 1): number => points.reduce((sum, point) => sum + point[index], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}

t.test('2,000 realms are created, serve and are disposed of, and the heap stays flat', async (t) => {
  for (let i = 0; i < warmUp; i++) await cycle(i);
  const points: [number, number][] = [[0, await bytesInUse()]];
  for (let i = 1; i <= cycles; i++) {
    await cycle(i);
    if (i % stride === 0) points.push([i, await bytesInUse()]);
  }
  const slope = slopeOf(points);
  t.comment(
    `${slope.toFixed(0)} bytes a cycle; ${points.map(([, bytes]) => (bytes / 1e6).toFixed(2)).join(' ')} MB`,
  );
  t.ok(slope < most, `${slope.toFixed(0)} bytes a cycle are less than ${most}`);
});
