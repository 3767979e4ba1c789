/** What calls come to, as texts that can be compared between realms. Takes what it needs before anything is patched. Runs inside a realm. */

import { captured, isObject } from './walker.js';

const { Error, Promise, setTimeout, String } = globalThis;
const { getPrototypeOf } = Reflect;
const ErrorPrototype = Error.prototype;
const toStringTag = captured(Object.prototype.toString);
const then = captured(Promise.prototype.then);

function isError(value) {
  for (let link = value; isObject(link); link = getPrototypeOf(link))
    if (link === ErrorPrototype) return true;
  return false;
}

function kindOf(value) {
  if (isError(value)) return `${value.name}: ${value.message}`;
  return isObject(value) ? toStringTag(value) : typeof value;
}

/** Settles when so many turns of the event loop are over. */
export async function later(turns) {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** What the call comes to until `late` settles. Makes the call at once. */
export function outcomeOf(call, late) {
  let value;
  try {
    value = call();
  } catch (error) {
    return `throws ${kindOf(error)}`;
  }
  let settled;
  try {
    settled = then(
      value,
      (given) => `resolves with ${kindOf(given)}`,
      (error) => `rejects with ${kindOf(error)}`,
    );
  } catch {
    return `gives ${kindOf(value)}`; // no promise
  }
  return new Promise((resolve) => {
    then(settled, resolve);
    then(late, () => resolve('is not settled'));
  });
}

/** The same for each of the calls, within so many turns of the event loop; a line each. */
export async function outcomesOf(name, calls, turns) {
  const late = later(turns);
  const pending = calls.map((call) => outcomeOf(call, late));
  let text = '';
  for (let i = 0; i < pending.length; i++) text += `${name}[${String(i)}] ${await pending[i]}\n`;
  return text;
}
