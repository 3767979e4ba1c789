/**
 * DOMException and QuotaExceededError of the realm. https://webidl.spec.whatwg.org/#idl-DOMException
 *
 * An instance is a real Error (it has the [[ErrorData]] slot and a stack), although the class does not inherit from Error: the
 * constructor makes an Error whose prototype is `new.target.prototype` and stamps the private state on it.
 */

import { defineValue } from '../lazy.ts';
import {
  ErrorCtor,
  ErrorPrototype,
  RangeErrorCtor,
  ReflectConstruct,
  ReflectDefineProperty,
  ReflectOwnKeys,
  ReflectSetPrototypeOf,
} from '../primordials.ts';
import { defineInterface, illegalInvocation, toDictionary, toDOMString, toFiniteDouble } from '../webidl.ts';
import { stackOf } from './describe.ts';

interface LegacyCode {
  readonly constant: string;
  readonly code: number;
}

/** Legacy codes by error name. */
const LEGACY = {
  __proto__: null,
  IndexSizeError: { constant: 'INDEX_SIZE_ERR', code: 1 },
  HierarchyRequestError: { constant: 'HIERARCHY_REQUEST_ERR', code: 3 },
  WrongDocumentError: { constant: 'WRONG_DOCUMENT_ERR', code: 4 },
  InvalidCharacterError: { constant: 'INVALID_CHARACTER_ERR', code: 5 },
  NoModificationAllowedError: { constant: 'NO_MODIFICATION_ALLOWED_ERR', code: 7 },
  NotFoundError: { constant: 'NOT_FOUND_ERR', code: 8 },
  NotSupportedError: { constant: 'NOT_SUPPORTED_ERR', code: 9 },
  InUseAttributeError: { constant: 'INUSE_ATTRIBUTE_ERR', code: 10 },
  InvalidStateError: { constant: 'INVALID_STATE_ERR', code: 11 },
  SyntaxError: { constant: 'SYNTAX_ERR', code: 12 },
  InvalidModificationError: { constant: 'INVALID_MODIFICATION_ERR', code: 13 },
  NamespaceError: { constant: 'NAMESPACE_ERR', code: 14 },
  InvalidAccessError: { constant: 'INVALID_ACCESS_ERR', code: 15 },
  TypeMismatchError: { constant: 'TYPE_MISMATCH_ERR', code: 17 },
  SecurityError: { constant: 'SECURITY_ERR', code: 18 },
  NetworkError: { constant: 'NETWORK_ERR', code: 19 },
  AbortError: { constant: 'ABORT_ERR', code: 20 },
  URLMismatchError: { constant: 'URL_MISMATCH_ERR', code: 21 },
  QuotaExceededError: { constant: 'QUOTA_EXCEEDED_ERR', code: 22 },
  TimeoutError: { constant: 'TIMEOUT_ERR', code: 23 },
  InvalidNodeTypeError: { constant: 'INVALID_NODE_TYPE_ERR', code: 24 },
  DataCloneError: { constant: 'DATA_CLONE_ERR', code: 25 },
} as unknown as Record<string, LegacyCode | undefined>;

/** Returns its argument from a constructor, so that a derived class adds its private fields to that object. */
const Identity = function (target: object): object {
  return target;
} as unknown as new (target: object) => object;

let hasState: (target: unknown) => boolean;
let nameOf: (target: object) => string;
let messageOf: (target: object) => string;

/** The private state, which construction adds to an Error; nothing is ever seen as an instance of the class. */
class State extends Identity {
  readonly #name: string;
  readonly #message: string;

  constructor(target: object, name: string, message: string) {
    super(target);
    this.#name = name;
    this.#message = message;
  }

  static {
    hasState = (target) => typeof target === 'object' && target !== null && #name in target;
    nameOf = (target) => (target as State).#name;
    messageOf = (target) => (target as State).#message;
  }
}

function requireState(target: object): object {
  if (!hasState(target)) throw illegalInvocation();
  return target;
}

/** https://webidl.spec.whatwg.org/#idl-DOMException */
export class DOMException {
  declare readonly stack: string;

  constructor(message: unknown = '', name: unknown = 'Error') {
    const messageText = toDOMString(message);
    const nameText = toDOMString(name);
    const error = ReflectConstruct(ErrorCtor, [], new.target) as DOMException;
    new State(error, nameText, messageText);
    return error;
  }

  get name(): string {
    return nameOf(requireState(this));
  }

  get message(): string {
    return messageOf(requireState(this));
  }

  get code(): number {
    return LEGACY[nameOf(requireState(this))]?.code ?? 0;
  }
}

ReflectDefineProperty(DOMException, 'length', { __proto__: null, value: 0 } as PropertyDescriptor);
ReflectSetPrototypeOf(DOMException.prototype, ErrorPrototype);
defineInterface(DOMException, 'DOMException');
defineConstants();

function defineConstants(): void {
  const names = ReflectOwnKeys(LEGACY) as string[];
  for (let i = 0; i < names.length; i++) {
    const { constant, code } = LEGACY[names[i] as string] as LegacyCode;
    defineConstant(constant, code);
  }
  defineConstant('DOMSTRING_SIZE_ERR', 2);
  defineConstant('NO_DATA_ALLOWED_ERR', 6);
  defineConstant('VALIDATION_ERR', 16);
}

function defineConstant(name: string, value: number): void {
  const descriptor = { __proto__: null, value, writable: false, enumerable: true, configurable: false };
  ReflectDefineProperty(DOMException, name, descriptor as PropertyDescriptor);
  ReflectDefineProperty(DOMException.prototype, name, descriptor as PropertyDescriptor);
}

/** A DOMException made by the prelude: `newDOMException('The operation was aborted', 'AbortError')`. */
export function newDOMException(message: string, name: string): DOMException {
  return new DOMException(message, name);
}

/** Whether the value is a DOMException of this realm, subclasses included. Runs no code of the value. */
export function isDOMException(value: unknown): value is DOMException {
  return hasState(value);
}

interface QuotaOptions {
  quota: unknown;
  requested: unknown;
}

/** A copy of a QuotaExceededError; undefined for any other object. */
let copyQuotas: (source: DOMException) => DOMException | undefined;

/** Name and message, whatever a worker has patched. */
export function textOfDOMException(source: DOMException): { name: string; message: string } {
  return { name: nameOf(source), message: messageOf(source) };
}

/** A DOMException of the same kind, with name, message and stack of another. */
export function copyDOMException(source: DOMException): DOMException {
  const copy = copyQuotas(source) ?? new DOMException(messageOf(source), nameOf(source));
  const stack = stackOf(source);
  if (stack !== undefined) defineValue(copy, 'stack', stack);
  return copy;
}

/** https://webidl.spec.whatwg.org/#quotaexceedederror */
export class QuotaExceededError extends DOMException {
  readonly #quota: number | null;
  readonly #requested: number | null;

  constructor(message: unknown = '', options: unknown = undefined) {
    super(message, 'QuotaExceededError');
    const where = 'QuotaExceededError constructor';
    const given = toDictionary<QuotaOptions>(options, where);
    this.#quota = toQuota(given?.quota, `${where}: quota`);
    this.#requested = toQuota(given?.requested, `${where}: requested`);
    if (this.#quota !== null && this.#requested !== null && this.#requested < this.#quota) {
      throw new RangeErrorCtor(`${where}: requested is less than quota.`);
    }
  }

  static {
    copyQuotas = (source) => {
      if (!(#quota in source)) return undefined;
      const options = {
        __proto__: null,
        quota: source.#quota ?? undefined,
        requested: source.#requested ?? undefined,
      };
      return new QuotaExceededError(messageOf(source), options);
    };
  }

  get quota(): number | null {
    return this.#quota;
  }

  get requested(): number | null {
    return this.#requested;
  }
}

ReflectDefineProperty(QuotaExceededError, 'length', { __proto__: null, value: 0 } as PropertyDescriptor);
defineInterface(QuotaExceededError, 'QuotaExceededError');

function toQuota(value: unknown, where: string): number | null {
  if (value === undefined) return null;
  const quota = toFiniteDouble(value, where);
  if (quota < 0) throw new RangeErrorCtor(`${where} is negative.`);
  return quota;
}
