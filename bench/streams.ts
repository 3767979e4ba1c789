/**
 * What do streams cost in a realm, against Node's own? Both do the same work in turn, in one process. Prints JSON: nanoseconds a chunk
 * (the best of the rounds, as what disturbs one only ever makes it slower), and how many times as fast the realm is.
 * Names of workloads as arguments restrict it to those.
 */

import vm from 'node:vm';
import { makeTestRealm } from '../test/helpers/realm.ts';
import { type WorkloadName, workloads, workloadSource } from './lib/stream-workloads.ts';

type Run = (name: WorkloadName, chunks: number) => Promise<unknown>;

const ROUNDS = 15;

const worker = await makeTestRealm(`"use strict";($nanod) => { $nanod.exports({ default: () => handler });
const run = ${workloadSource};
const handler = { async fetch(request) {
  const [name, chunks] = request.url.slice('http://test/'.length).split('/');
  await run(name, Number(chunks));
  return new Response('');
} };
}`);
const inRealm: Run = (name, chunks) => worker.fetch(`http://test/${name}/${chunks}`);
const onNode = vm.runInThisContext(workloadSource) as Run;

async function time(run: Run, name: WorkloadName, chunks: number): Promise<number> {
  const start = process.hrtime.bigint();
  await run(name, chunks);
  return Number(process.hrtime.bigint() - start) / chunks;
}

const asked = process.argv.slice(2);
const results: Record<string, { what: string; realm: number; node: number; speed: number }> = {};
for (const { name, what, chunks } of workloads) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  let realm = Infinity;
  let node = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    if (round % 2 === 0) realm = Math.min(realm, await time(inRealm, name, chunks));
    node = Math.min(node, await time(onNode, name, chunks));
    if (round % 2 === 1) realm = Math.min(realm, await time(inRealm, name, chunks));
  }
  results[name] = {
    what,
    realm: Math.round(realm),
    node: Math.round(node),
    speed: Math.round((100 * node) / realm) / 100,
  };
}
console.log(JSON.stringify(results, undefined, 2));
process.exit(0);
