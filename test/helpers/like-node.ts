/** Runs the same code in a realm with modules of Node.js and in Node.js itself, and compares what it returns. */

import { createRequire } from 'node:module';
import type { Test } from 'tap';
import { evaluate } from './realm.ts';

const require = createRequire(import.meta.url);
const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (
  ...parts: string[]
) => (require: (name: string) => unknown) => Promise<unknown>;

/** What the body of an async function returns in a realm, by way of JSON. `require` gives modules of Node.js. */
export function inRealm(body: string): Promise<unknown> {
  return evaluate(`const require = (name) => $nanod.builtin('node:' + name);\n${body}`, { nodejs: true });
}

/** The same in this process. */
export async function inNode(body: string): Promise<unknown> {
  const value = await new AsyncFunction('require', body)((name) => require(`node:${name}`));
  return JSON.parse(JSON.stringify(value ?? null));
}

/** What an expression gives, or the name, code and message of what it throws. */
const probe = `const probe = async (run) => {
  try { const value = await run(); return typeof value === 'bigint' ? value + 'n' : value === undefined ? 'undefined' : value; }
  catch (error) { return [error.name, error.code, error.message]; }
};`;

/** Each expression gives in a realm what it gives in Node.js. `head` comes before all of them. */
export async function sameAsNode(t: Test, head: string, expressions: readonly string[]): Promise<void> {
  const list = expressions.map((each) => `await probe(async () => (${each}))`).join(',\n');
  const body = `${probe}\n${head}\nreturn [${list}];`;
  const [realm, node] = (await Promise.all([inRealm(body), inNode(body)])) as [unknown[], unknown[]];
  for (const [index, expression] of expressions.entries())
    t.strictSame(realm[index], node[index], expression);
}
