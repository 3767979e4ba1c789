/**
 * The realm's own intrinsics, captured before any worker code runs. Everything else in the prelude reaches built-ins through
 * this file only, because a worker may replace or patch every global and prototype of its realm (HARDENING R7).
 *
 * Methods are captured uncurried: `ArrayPrototypeJoin(array, ',')` instead of `array.join(',')`.
 */

const { bind, call } = Function.prototype;
const uncurry = bind.bind(call) as (fn: unknown) => unknown;

type Uncurried<Self, F> = F extends (...args: infer A) => infer R ? (self: Self, ...args: A) => R : never;

/** Captures methods of one receiver type: `const onString = methodsOf<string>(); onString(String.prototype.at)`. */
function methodsOf<Self>(): <F>(method: F) => Uncurried<Self, F> {
  return <F>(method: F) => uncurry(method) as Uncurried<Self, F>;
}

/** Captures an accessor's getter. Throws while the prelude starts, if this engine lacks it. */
function getterOf<Self, R>(prototype: object, key: string | symbol): (self: Self) => R {
  const { get } = Reflect.getOwnPropertyDescriptor(prototype, key) ?? {};
  return uncurry(get) as (self: Self) => R;
}

// Function, Reflect, Object
export const ReflectApply = Reflect.apply;
export const ReflectConstruct = Reflect.construct;
export const ReflectOwnKeys = Reflect.ownKeys;
export const ReflectGet = Reflect.get;
export const ReflectHas = Reflect.has;
export const ReflectDefineProperty = Reflect.defineProperty;
export const ReflectGetOwnPropertyDescriptor = Reflect.getOwnPropertyDescriptor;
export const ReflectGetPrototypeOf = Reflect.getPrototypeOf;
export const ReflectSetPrototypeOf = Reflect.setPrototypeOf;
export const ReflectDeleteProperty = Reflect.deleteProperty;
export const ReflectPreventExtensions = Reflect.preventExtensions;
export const ObjectCtor = Object;
export const ObjectPrototype = Object.prototype;
export const ObjectCreate = Object.create;
export const ObjectFreeze = Object.freeze;
export const ObjectKeys = Object.keys;
export const ObjectDefineProperty = Object.defineProperty;
export const ObjectDefineProperties = Object.defineProperties;
export const ObjectGetOwnPropertyNames = Object.getOwnPropertyNames;
export const ObjectGetOwnPropertySymbols = Object.getOwnPropertySymbols;
const onObject = methodsOf<unknown>();
export const ObjectPrototypeHasOwnProperty = onObject(Object.prototype.hasOwnProperty);
export const ObjectPrototypePropertyIsEnumerable = onObject(Object.prototype.propertyIsEnumerable);
export const ObjectPrototypeToString = onObject(Object.prototype.toString);
export const FunctionPrototype = Function.prototype;
export const FunctionPrototypeBind = uncurry(bind) as (fn: unknown, self: unknown) => unknown;
export const FunctionPrototypeToString = methodsOf<unknown>()(Function.prototype.toString);

// Primitives
export const NumberCtor = Number;
export const NumberIsFinite = Number.isFinite;
export const NumberIsInteger = Number.isInteger;
export const NumberIsSafeInteger = Number.isSafeInteger;
export const NumberIsNaN = Number.isNaN;
export const NumberParseFloat = Number.parseFloat;
export const NumberParseInt = Number.parseInt;
export const NumberPrototypeToFixed = methodsOf<number>()(Number.prototype.toFixed);
export const NumberPrototypeToString = methodsOf<number>()(Number.prototype.toString);
export const NumberPrototypeValueOf = methodsOf<unknown>()(Number.prototype.valueOf);
export const BooleanPrototypeValueOf = methodsOf<unknown>()(Boolean.prototype.valueOf);
export const BigIntCtor = BigInt;
export const BigIntPrototypeToString = methodsOf<bigint>()(BigInt.prototype.toString);
export const BigIntPrototypeValueOf = methodsOf<unknown>()(BigInt.prototype.valueOf);
export const BooleanCtor = Boolean;
export const SymbolCtor = Symbol;
export const SymbolFor = Symbol.for;
export const SymbolIterator: typeof Symbol.iterator = Symbol.iterator;
export const SymbolAsyncIterator: typeof Symbol.asyncIterator = Symbol.asyncIterator;
export const SymbolToStringTag: typeof Symbol.toStringTag = Symbol.toStringTag;
export const SymbolToPrimitive: typeof Symbol.toPrimitive = Symbol.toPrimitive;
export const SymbolHasInstance: typeof Symbol.hasInstance = Symbol.hasInstance;
export const SymbolDispose: typeof Symbol.dispose = Symbol.dispose;
export const SymbolAsyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose;
export const SymbolPrototypeToString = methodsOf<symbol>()(Symbol.prototype.toString);
export const SymbolPrototypeValueOf = methodsOf<unknown>()(Symbol.prototype.valueOf);

// String
const onString = methodsOf<string>();
export const StringCtor = String;
export const StringFromCharCode = String.fromCharCode;
export const StringFromCodePoint = String.fromCodePoint;
export const StringPrototypeAt = onString(String.prototype.at);
export const StringPrototypeCharCodeAt = onString(String.prototype.charCodeAt);
export const StringPrototypeCodePointAt = onString(String.prototype.codePointAt);
export const StringPrototypeEndsWith = onString(String.prototype.endsWith);
export const StringPrototypeIncludes = onString(String.prototype.includes);
export const StringPrototypeIndexOf = onString(String.prototype.indexOf);
export const StringPrototypeIsWellFormed = onString(String.prototype.isWellFormed);
export const StringPrototypeLastIndexOf = onString(String.prototype.lastIndexOf);
export const StringPrototypePadEnd = onString(String.prototype.padEnd);
export const StringPrototypePadStart = onString(String.prototype.padStart);
export const StringPrototypeRepeat = onString(String.prototype.repeat);
export const StringPrototypeSlice = onString(String.prototype.slice);
export const StringPrototypeStartsWith = onString(String.prototype.startsWith);
export const StringPrototypeSubstring = onString(String.prototype.substring);
export const StringPrototypeToLowerCase = onString(String.prototype.toLowerCase);
export const StringPrototypeToUpperCase = onString(String.prototype.toUpperCase);
export const StringPrototypeToWellFormed = onString(String.prototype.toWellFormed);
export const StringPrototypeTrim = onString(String.prototype.trim);
export const StringPrototypeValueOf = methodsOf<unknown>()(String.prototype.valueOf);

// Array: what asks no species. Index loops and literals otherwise: no slice, push, spread, for-of or destructuring on internals.
export const ArrayCtor = Array;
export const ArrayPrototype: object = Array.prototype;
export const ArrayIsArray: (value: unknown) => value is unknown[] = Array.isArray;
const onArray = methodsOf<readonly unknown[]>();
export const ArrayPrototypeJoin = onArray(Array.prototype.join);
export const ArrayPrototypeIncludes = onArray(Array.prototype.includes);
export const ArrayPrototypeIndexOf = onArray(Array.prototype.indexOf);
export const ArrayPrototypeSort = uncurry(Array.prototype.sort) as <T>(
  self: T[],
  compare?: (a: T, b: T) => number,
) => T[];

// Iteration
export const IteratorPrototype = Reflect.getPrototypeOf(
  Reflect.getPrototypeOf([][Symbol.iterator]()) as object,
) as object;
export const AsyncIteratorPrototype = Reflect.getPrototypeOf(
  Reflect.getPrototypeOf(async function* () {}.prototype as object) as object,
) as object;

// Errors
export const ErrorCtor = Error;
export const ErrorPrototype = Error.prototype;
export const EvalErrorCtor = EvalError;
export const RangeErrorCtor = RangeError;
export const ReferenceErrorCtor = ReferenceError;
export const SyntaxErrorCtor = SyntaxError;
export const TypeErrorCtor = TypeError;
export const URIErrorCtor = URIError;
export const AggregateErrorCtor = AggregateError;
export const ErrorCaptureStackTrace = (Error as unknown as { captureStackTrace: unknown })
  .captureStackTrace as (target: object, below?: unknown) => void;
/** `Error.isError` where the engine has it: tells real errors (any realm's) from look-alikes, without running code of theirs. */
export const ErrorIsError = (Error as { isError?: (value: unknown) => value is Error }).isError;

// Collections
export const MapCtor = Map;
export const SetCtor = Set;
export const WeakMapCtor = WeakMap;
export const WeakSetCtor = WeakSet;
export const WeakSetPrototypeAdd = uncurry(WeakSet.prototype.add) as <V extends WeakKey>(
  self: WeakSet<V>,
  value: V,
) => WeakSet<V>;
export const WeakSetPrototypeHas = uncurry(WeakSet.prototype.has) as (
  self: WeakSet<WeakKey>,
  value: unknown,
) => boolean;
export const WeakRefCtor = WeakRef;
export const WeakRefPrototypeDeref = uncurry(WeakRef.prototype.deref) as <T extends WeakKey>(
  self: WeakRef<T>,
) => T | undefined;
export const FinalizationRegistryCtor = FinalizationRegistry;
export const MapPrototypeGet = uncurry(Map.prototype.get) as <K, V>(self: Map<K, V>, key: K) => V | undefined;
export const MapPrototypeSet = uncurry(Map.prototype.set) as <K, V>(
  self: Map<K, V>,
  key: K,
  value: V,
) => Map<K, V>;
export const MapPrototypeHas = uncurry(Map.prototype.has) as <K, V>(self: Map<K, V>, key: K) => boolean;
export const MapPrototypeDelete = uncurry(Map.prototype.delete) as <K, V>(self: Map<K, V>, key: K) => boolean;
export const MapPrototypeClear = uncurry(Map.prototype.clear) as <K, V>(self: Map<K, V>) => void;
export const MapPrototypeForEach = uncurry(Map.prototype.forEach) as <K, V>(
  self: Map<K, V>,
  visit: (value: V, key: K) => void,
) => void;
export const MapPrototypeGetSize = getterOf<unknown, number>(Map.prototype, 'size');
export const SetPrototypeAdd = uncurry(Set.prototype.add) as <T>(self: Set<T>, value: T) => Set<T>;
export const SetPrototypeHas = uncurry(Set.prototype.has) as <T>(self: Set<T>, value: T) => boolean;
export const SetPrototypeDelete = uncurry(Set.prototype.delete) as <T>(self: Set<T>, value: T) => boolean;
export const SetPrototypeForEach = uncurry(Set.prototype.forEach) as <T>(
  self: Set<T>,
  visit: (value: T) => void,
) => void;
export const SetPrototypeGetSize = getterOf<unknown, number>(Set.prototype, 'size');
export const WeakMapPrototypeGet = uncurry(WeakMap.prototype.get) as <K extends WeakKey, V>(
  self: WeakMap<K, V>,
  key: K,
) => V | undefined;
export const WeakMapPrototypeSet = uncurry(WeakMap.prototype.set) as <K extends WeakKey, V>(
  self: WeakMap<K, V>,
  key: K,
  value: V,
) => WeakMap<K, V>;
export const WeakMapPrototypeDelete = uncurry(WeakMap.prototype.delete) as (
  self: WeakMap<WeakKey, unknown>,
  key: WeakKey,
) => boolean;
export const WeakMapPrototypeHas = uncurry(WeakMap.prototype.has) as (
  self: WeakMap<WeakKey, unknown>,
  key: WeakKey,
) => boolean;

// Bytes
export const ArrayBufferCtor = ArrayBuffer;
export const ArrayBufferIsView = ArrayBuffer.isView;
export const ArrayBufferPrototypeTransfer = methodsOf<ArrayBuffer>()(ArrayBuffer.prototype.transfer);
export const ArrayBufferPrototypeSlice = methodsOf<ArrayBuffer>()(ArrayBuffer.prototype.slice);
export const ArrayBufferPrototypeResize = methodsOf<ArrayBuffer>()(ArrayBuffer.prototype.resize);
/** Throws a TypeError for anything that is not an ArrayBuffer: the brand check. */
export const ArrayBufferPrototypeGetByteLength = getterOf<unknown, number>(
  ArrayBuffer.prototype,
  'byteLength',
);
export const ArrayBufferPrototypeGetDetached = getterOf<ArrayBuffer, boolean>(
  ArrayBuffer.prototype,
  'detached',
);
export const ArrayBufferPrototypeGetResizable = getterOf<ArrayBuffer, boolean>(
  ArrayBuffer.prototype,
  'resizable',
);
export const ArrayBufferPrototypeGetMaxByteLength = getterOf<ArrayBuffer, number>(
  ArrayBuffer.prototype,
  'maxByteLength',
);
export const SharedArrayBufferPrototype: object = SharedArrayBuffer.prototype;
/** Throws a TypeError for anything that is not a SharedArrayBuffer. */
export const SharedArrayBufferPrototypeGetByteLength = getterOf<unknown, number>(
  SharedArrayBuffer.prototype,
  'byteLength',
);
export const Uint8ArrayCtor = Uint8Array;
export const Int8ArrayCtor = Int8Array;
export const Uint8ClampedArrayCtor = Uint8ClampedArray;
export const Int16ArrayCtor = Int16Array;
export const Uint16ArrayCtor = Uint16Array;
export const Int32ArrayCtor = Int32Array;
export const Uint32ArrayCtor = Uint32Array;
export const Float16ArrayCtor = Float16Array;
export const Float32ArrayCtor = Float32Array;
export const Float64ArrayCtor = Float64Array;
export const BigInt64ArrayCtor = BigInt64Array;
export const BigUint64ArrayCtor = BigUint64Array;
export const DataViewCtor = DataView;
const TypedArrayPrototype = Reflect.getPrototypeOf(Uint8Array.prototype) as object;
/** `'Uint8Array'`, ... or undefined for what is no typed array: the brand check. */
export const TypedArrayPrototypeGetTag = getterOf<unknown, string | undefined>(
  TypedArrayPrototype,
  Symbol.toStringTag,
);
export const TypedArrayPrototypeGetBuffer = getterOf<unknown, ArrayBufferLike>(TypedArrayPrototype, 'buffer');
export const TypedArrayPrototypeGetByteOffset = getterOf<unknown, number>(TypedArrayPrototype, 'byteOffset');
export const TypedArrayPrototypeGetByteLength = getterOf<unknown, number>(TypedArrayPrototype, 'byteLength');
export const TypedArrayPrototypeGetLength = getterOf<unknown, number>(TypedArrayPrototype, 'length');
export const TypedArrayPrototypeSet = uncurry(Uint8Array.prototype.set) as (
  self: Uint8Array,
  source: ArrayLike<number>,
  offset?: number,
) => void;
export const TypedArrayPrototypeFill = uncurry(Uint8Array.prototype.fill) as (
  self: Uint8Array,
  value: number,
  start?: number,
  end?: number,
) => Uint8Array;
/** Throws a TypeError for a view that is detached or out of bounds. */
export const TypedArrayPrototypeIndexOf = uncurry(Uint8Array.prototype.indexOf) as (
  self: unknown,
  value: unknown,
) => number;
export const DataViewPrototypeGetBuffer = getterOf<unknown, ArrayBufferLike>(DataView.prototype, 'buffer');
export const DataViewPrototypeGetByteOffset = getterOf<unknown, number>(DataView.prototype, 'byteOffset');
export const DataViewPrototypeGetByteLength = getterOf<unknown, number>(DataView.prototype, 'byteLength');

// Promises. Prefer `await`, which never looks at `then` of a promise of this realm.
export const PromiseCtor = Promise;
export const PromisePrototype: object = Promise.prototype;
const promiseThen = uncurry(Promise.prototype.then) as <T>(
  self: Promise<T>,
  onFulfilled: ((value: T) => unknown) | undefined,
  onRejected?: (reason: unknown) => unknown,
) => Promise<unknown>;
/** Reacts to a genuine promise of this realm. Throws a TypeError for anything else. */
export const PromisePrototypeThen = promiseThen;
export const PromiseResolve = bind.call(Promise.resolve, Promise) as <T>(value: T) => Promise<Awaited<T>>;
export const PromiseReject = bind.call(Promise.reject, Promise) as (reason: unknown) => Promise<never>;

// Others
export const JSONParse = JSON.parse;
export const JSONStringify = JSON.stringify;
export const MathMin = Math.min;
export const MathMax = Math.max;
export const MathFloor = Math.floor;
export const MathCeil = Math.ceil;
export const MathClz32 = Math.clz32;
export const MathTrunc = Math.trunc;
export const MathPow = Math.pow;
export const MathRound = Math.round;
export const MathSqrt = Math.sqrt;
export const MathAbs = Math.abs;
export const DateCtor = Date;
export const DatePrototype = Date.prototype;
export const DateNow = Date.now;
export const DatePrototypeGetTime = methodsOf<unknown>()(Date.prototype.getTime);
export const DatePrototypeToISOString = methodsOf<Date>()(Date.prototype.toISOString);
export const RegExpCtor = RegExp;
export const RegExpPrototypeExec = methodsOf<RegExp>()(RegExp.prototype.exec);
export const RegExpPrototypeGetSource = getterOf<unknown, string>(RegExp.prototype, 'source');
export const RegExpPrototypeGetFlags = getterOf<unknown, string>(RegExp.prototype, 'flags');
export const ProxyCtor = Proxy;
export const globalObject = globalThis as unknown as Record<PropertyKey, unknown>;
