/** node:util/types: what a value is, by its brand and not by what it says of itself. */

type Test = (value: unknown) => boolean;

/** A test that calls an accessor or a method which only works on values of the kind. */
function brand(prototype: object, key: PropertyKey, ...args: unknown[]): Test {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, key);
  const probe = (descriptor?.get ?? descriptor?.value) as (...args: unknown[]) => unknown;
  return (tested) => {
    if (typeof tested !== 'object' || tested === null) return false;
    try {
      Reflect.apply(probe, tested, args);
      return true;
    } catch {
      return false;
    }
  };
}

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const tagOf = Object.getOwnPropertyDescriptor(typedArray, Symbol.toStringTag)?.get as () => unknown;

function typedArrayOf(tag: string): Test {
  return (value) => Reflect.apply(tagOf, value, []) === tag;
}

const nativeTag = Object.prototype.toString;

function tagged(tag: string): Test {
  return (value) =>
    typeof value === 'object' && value !== null && nativeTag.call(value) === `[object ${tag}]`;
}

function functionOf(...prototypes: object[]): Test {
  return (value) =>
    typeof value === 'function' && prototypes.includes(Object.getPrototypeOf(value) as object);
}

function prototypeOf(value: object): object {
  return Object.getPrototypeOf(value) as object;
}

const isPromise: Test = (value) => value instanceof Promise;
const isProxy: Test = (value) => $powers.isProxy(value);
const isNumberObject = brand(Number.prototype, 'valueOf');
const isStringObject = brand(String.prototype, 'valueOf');
const isBooleanObject = brand(Boolean.prototype, 'valueOf');
const isBigIntObject = brand(BigInt.prototype, 'valueOf');
const isSymbolObject = brand(Symbol.prototype, 'valueOf');
const isArrayBuffer = brand(ArrayBuffer.prototype, 'byteLength');

const boxed = [isNumberObject, isStringObject, isBooleanObject, isBigIntObject, isSymbolObject];

const isAsyncFunction = functionOf(
  prototypeOf(async () => {}),
  prototypeOf(async function* () {}),
);

/** By name, as the module exports them. */
const types = {
  isAnyArrayBuffer: isArrayBuffer,
  isArgumentsObject: ((value) =>
    tagged('Arguments')(value) && !(Symbol.toStringTag in (value as object))) as Test,
  isArrayBuffer,
  isArrayBufferView: ((value) => ArrayBuffer.isView(value)) as Test,
  isAsyncFunction,
  isBigInt64Array: typedArrayOf('BigInt64Array'),
  isBigIntObject,
  isBigUint64Array: typedArrayOf('BigUint64Array'),
  isBooleanObject,
  isBoxedPrimitive: ((value) => boxed.some((test) => test(value))) as Test,
  isCryptoKey: ((value) => 'CryptoKey' in globalThis && value instanceof CryptoKey) as Test,
  isDataView: ((value) => ArrayBuffer.isView(value) && Reflect.apply(tagOf, value, []) === undefined) as Test,
  isDate: brand(Date.prototype, 'getTime'),
  isExternal: (() => false) as Test,
  isFloat16Array: typedArrayOf('Float16Array'),
  isFloat32Array: typedArrayOf('Float32Array'),
  isFloat64Array: typedArrayOf('Float64Array'),
  isGeneratorFunction: functionOf(
    prototypeOf(function* () {}),
    prototypeOf(async function* () {}),
  ),
  isGeneratorObject: tagged('Generator'),
  isInt16Array: typedArrayOf('Int16Array'),
  isInt32Array: typedArrayOf('Int32Array'),
  isInt8Array: typedArrayOf('Int8Array'),
  isKeyObject: (() => false) as Test,
  isMap: brand(Map.prototype, 'size'),
  isMapIterator: tagged('Map Iterator'),
  isModuleNamespaceObject: tagged('Module'),
  isNativeError: ((value) => Error.isError(value)) as Test,
  isNumberObject,
  isPromise,
  isProxy,
  isRegExp: brand(RegExp.prototype, 'source'),
  isSet: brand(Set.prototype, 'size'),
  isSetIterator: tagged('Set Iterator'),
  isSharedArrayBuffer: (() => false) as Test,
  isStringObject,
  isSymbolObject,
  isTypedArray: ((value) =>
    ArrayBuffer.isView(value) && Reflect.apply(tagOf, value, []) !== undefined) as Test,
  isUint16Array: typedArrayOf('Uint16Array'),
  isUint32Array: typedArrayOf('Uint32Array'),
  isUint8Array: typedArrayOf('Uint8Array'),
  isUint8ClampedArray: typedArrayOf('Uint8ClampedArray'),
  isWeakMap: brand(WeakMap.prototype, 'has', {}),
  isWeakSet: brand(WeakSet.prototype, 'has', {}),
};

export default types;
