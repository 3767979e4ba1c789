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
  ReflectSetPrototypeOf,
} from '../primordials.ts';
import { defineInterface, illegalInvocation, toDictionary, toDOMString, toFiniteDouble } from '../webidl.ts';
import { stackOf } from './describe.ts';
import { setDOMExceptionBrand } from './dom-exception-brand.ts';

/** The legacy constants: the code of each is its place, from 1 on. Some have no error name. */
const CONSTANTS = [
  'INDEX_SIZE_ERR',
  'DOMSTRING_SIZE_ERR',
  'HIERARCHY_REQUEST_ERR',
  'WRONG_DOCUMENT_ERR',
  'INVALID_CHARACTER_ERR',
  'NO_DATA_ALLOWED_ERR',
  'NO_MODIFICATION_ALLOWED_ERR',
  'NOT_FOUND_ERR',
  'NOT_SUPPORTED_ERR',
  'INUSE_ATTRIBUTE_ERR',
  'INVALID_STATE_ERR',
  'SYNTAX_ERR',
  'INVALID_MODIFICATION_ERR',
  'NAMESPACE_ERR',
  'INVALID_ACCESS_ERR',
  'VALIDATION_ERR',
  'TYPE_MISMATCH_ERR',
  'SECURITY_ERR',
  'NETWORK_ERR',
  'ABORT_ERR',
  'URL_MISMATCH_ERR',
  'QUOTA_EXCEEDED_ERR',
  'TIMEOUT_ERR',
  'INVALID_NODE_TYPE_ERR',
  'DATA_CLONE_ERR',
];

/** Legacy codes by error name. */
const LEGACY_CODES = {
  __proto__: null,
  IndexSizeError: 1,
  HierarchyRequestError: 3,
  WrongDocumentError: 4,
  InvalidCharacterError: 5,
  NoModificationAllowedError: 7,
  NotFoundError: 8,
  NotSupportedError: 9,
  InUseAttributeError: 10,
  InvalidStateError: 11,
  SyntaxError: 12,
  InvalidModificationError: 13,
  NamespaceError: 14,
  InvalidAccessError: 15,
  TypeMismatchError: 17,
  SecurityError: 18,
  NetworkError: 19,
  AbortError: 20,
  URLMismatchError: 21,
  QuotaExceededError: 22,
  TimeoutError: 23,
  InvalidNodeTypeError: 24,
  DataCloneError: 25,
} as unknown as Record<string, number | undefined>;

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
    return LEGACY_CODES[nameOf(requireState(this))] ?? 0;
  }
}

ReflectDefineProperty(DOMException, 'length', { __proto__: null, value: 0 } as PropertyDescriptor);
ReflectSetPrototypeOf(DOMException.prototype, ErrorPrototype);
defineInterface(DOMException, 'DOMException');
defineConstants();
setDOMExceptionBrand(hasState);

/** In the order of their codes, as Web IDL lists them: a record made of the class shows it. */
function defineConstants(): void {
  for (let i = 0; i < CONSTANTS.length; i++) defineConstant(CONSTANTS[i] as string, i + 1);
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
