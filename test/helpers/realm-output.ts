/** What code prints and reports inside a realm. */

import { makeTestRealm, type TestRealm } from './realm.ts';

/** Runs the body of an async function in a fresh realm, to its end. */
export async function runInRealm(body: string): Promise<TestRealm> {
  const code = `"use strict";($nanod) => { $nanod.exports({ default: () => ({ async fetch() {
${body}
return new Response('done'); } }) });
}`;
  const realm = await makeTestRealm(code);
  await realm.fetch();
  return realm;
}

/** The texts that the code logs, without their levels. */
export async function printed(body: string): Promise<string[]> {
  const { logs } = await runInRealm(body);
  return logs.map(([, text]) => text);
}
