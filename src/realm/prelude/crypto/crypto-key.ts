/** CryptoKey of the realm: what is known of a key whose material is the host's. https://w3c.github.io/webcrypto/#cryptokey-interface */

import { registerSerializable } from '../clone/registry.ts';
import { registerInspection } from '../console/registry.ts';
import { defineValue } from '../lazy.ts';
import {
  JSONParse,
  ObjectPrototypeHasOwnProperty,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  Uint8ArrayCtor,
} from '../primordials.ts';
import type { KeyHandle } from '../host-api.ts';
import { defineInterface, illegalConstructor, illegalInvocation, isObject } from '../webidl.ts';

/** What never changes of a key; its clones share it. No worker reaches it. */
export interface KeyState {
  readonly handle: KeyHandle;
  readonly type: 'private' | 'public' | 'secret';
  readonly extractable: boolean;
  /** Of the algorithm. */
  readonly name: string;
  /** JSON of the algorithm; a publicExponent is a list of bytes there. */
  readonly algorithm: string;
  /** `,sign,verify,` */
  readonly usages: string;
}

const TOKEN = {};

/** Whether the value is a CryptoKey of this realm. */
export let isCryptoKey: (value: unknown) => value is CryptoKey;
/** What is known of a CryptoKey. */
export let keyStateOf: (key: CryptoKey) => KeyState;

export class CryptoKey {
  readonly #state: KeyState;
  #algorithm: object | undefined = undefined;
  #usages: string[] | undefined = undefined;

  constructor(token: unknown = undefined, state: KeyState | undefined = undefined) {
    if (token !== TOKEN || state === undefined) throw illegalConstructor();
    this.#state = state;
  }

  get type(): string {
    if (!(#state in this)) throw illegalInvocation();
    return this.#state.type;
  }

  get extractable(): boolean {
    if (!(#state in this)) throw illegalInvocation();
    return this.#state.extractable;
  }

  /** The same object each time; what a worker does to it changes nothing. */
  get algorithm(): object {
    if (!(#state in this)) throw illegalInvocation();
    return (this.#algorithm ??= algorithmObject(this.#state));
  }

  /** The same array each time. */
  get usages(): string[] {
    if (!(#state in this)) throw illegalInvocation();
    return (this.#usages ??= usageList(this.#state));
  }

  static {
    isCryptoKey = (value): value is CryptoKey => isObject(value) && #state in value;
    keyStateOf = (key) => key.#state;
  }
}

defineInterface(CryptoKey, 'CryptoKey');

/** A CryptoKey; each has an algorithm object of its own. */
export function newCryptoKey(state: KeyState): CryptoKey {
  return new CryptoKey(TOKEN, state);
}

function algorithmObject(state: KeyState): object {
  const algorithm = JSONParse(state.algorithm) as { publicExponent: readonly number[] };
  if (!ObjectPrototypeHasOwnProperty(algorithm, 'publicExponent')) return algorithm;
  const list = algorithm.publicExponent;
  const bytes = new Uint8ArrayCtor(list.length);
  for (let i = 0; i < list.length; i++) bytes[i] = list[i] as number;
  defineValue(algorithm, 'publicExponent', bytes, true);
  return algorithm;
}

function usageList({ usages }: KeyState): string[] {
  const list: string[] = [];
  for (let start = 1; start < usages.length;) {
    const end = StringPrototypeIndexOf(usages, ',', start);
    list[list.length] = StringPrototypeSlice(usages, start, end);
    start = end + 1;
  }
  return list;
}

registerSerializable(isCryptoKey, (key) => newCryptoKey(keyStateOf(key as CryptoKey)));
registerInspection(isCryptoKey, (key) => {
  const state = keyStateOf(key as CryptoKey);
  const { type, extractable } = state;
  return { type, extractable, algorithm: algorithmObject(state), usages: usageList(state) };
});
