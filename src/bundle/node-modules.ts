/**
 * The modules of Node.js that workers with the flag can import, and the names that each exports beside `default`. Data: src/nodejs/ has the
 * code, and a test holds the two together.
 */

const exportNames: Readonly<Record<string, string>> = Object.freeze({
  assert:
    'AssertionError deepEqual deepStrictEqual doesNotMatch doesNotReject doesNotThrow equal fail ifError match notDeepEqual notDeepStrictEqual notEqual notStrictEqual ok rejects strict strictEqual throws',
  'assert/strict':
    'AssertionError deepEqual deepStrictEqual doesNotMatch doesNotReject doesNotThrow equal fail ifError match notDeepEqual notDeepStrictEqual notEqual notStrictEqual ok rejects strict strictEqual throws',
  async_hooks: 'AsyncLocalStorage AsyncResource executionAsyncId executionAsyncResource triggerAsyncId',
  buffer:
    'Blob Buffer File INSPECT_MAX_BYTES atob btoa constants isAscii isUtf8 kMaxLength kStringMaxLength transcode',
  crypto:
    'Hash Hmac constants createHash createHmac getHashes getRandomValues hash hkdf hkdfSync pbkdf2 pbkdf2Sync randomBytes randomFill randomFillSync randomInt randomUUID scrypt scryptSync subtle timingSafeEqual webcrypto',
  diagnostics_channel: 'Channel channel hasSubscribers subscribe tracingChannel unsubscribe',
  events:
    'EventEmitter EventEmitterAsyncResource addAbortListener captureRejectionSymbol captureRejections defaultMaxListeners errorMonitor getEventListeners getMaxListeners init listenerCount on once setMaxListeners usingDomains',
  path: '_makeLong basename delimiter dirname extname format isAbsolute join normalize parse posix relative resolve sep toNamespacedPath',
  'path/posix':
    '_makeLong basename delimiter dirname extname format isAbsolute join normalize parse posix relative resolve sep toNamespacedPath',
  process:
    'abort arch argv argv0 binding chdir config cwd emitWarning env execArgv execPath exit exitCode features getBuiltinModule hrtime kill nextTick pid platform ppid release stderr stdout title uptime version versions',
  punycode: 'decode encode toASCII toUnicode ucs2 version',
  querystring: 'decode encode escape parse stringify unescape unescapeBuffer',
  stream:
    'Duplex PassThrough Readable Stream Transform Writable _isUint8Array _uint8ArrayToBuffer addAbortSignal compose destroy finished getDefaultHighWaterMark isDestroyed isDisturbed isErrored isReadable isWritable pipeline promises setDefaultHighWaterMark',
  'stream/consumers': 'arrayBuffer blob buffer bytes json text',
  'stream/promises': 'finished pipeline',
  'stream/web':
    'ByteLengthQueuingStrategy CompressionStream CountQueuingStrategy DecompressionStream ReadableByteStreamController ReadableStream ReadableStreamBYOBReader ReadableStreamBYOBRequest ReadableStreamDefaultController ReadableStreamDefaultReader TextDecoderStream TextEncoderStream TransformStream TransformStreamDefaultController WritableStream WritableStreamDefaultController WritableStreamDefaultWriter',
  string_decoder: 'StringDecoder',
  timers: 'clearImmediate clearInterval clearTimeout promises setImmediate setInterval setTimeout',
  'timers/promises': 'scheduler setImmediate setInterval setTimeout',
  url: 'URL URLPattern URLSearchParams Url domainToASCII domainToUnicode fileURLToPath format parse pathToFileURL resolve resolveObject urlToHttpOptions',
  util: 'TextDecoder TextEncoder _extend aborted callbackify debug debuglog deprecate format formatWithOptions inherits inspect isArray isDeepStrictEqual parseEnv promisify stripVTControlCharacters styleText toUSVString types',
  'util/types':
    'isAnyArrayBuffer isArgumentsObject isArrayBuffer isArrayBufferView isAsyncFunction isBigInt64Array isBigIntObject isBigUint64Array isBooleanObject isBoxedPrimitive isCryptoKey isDataView isDate isExternal isFloat16Array isFloat32Array isFloat64Array isGeneratorFunction isGeneratorObject isInt16Array isInt32Array isInt8Array isKeyObject isMap isMapIterator isModuleNamespaceObject isNativeError isNumberObject isPromise isProxy isRegExp isSet isSetIterator isSharedArrayBuffer isStringObject isSymbolObject isTypedArray isUint16Array isUint32Array isUint8Array isUint8ClampedArray isWeakMap isWeakSet',
});

/** Without `node:`. */
export const nodeModuleNames: readonly string[] = Object.freeze(Object.keys(exportNames));

/** Whether it is the full name of one of these modules. */
export function isNodeSpecifier(specifier: string): boolean {
  return specifier.startsWith('node:') && Object.hasOwn(exportNames, specifier.slice(5));
}

/** `events` of `events` and `node:events`. */
export function nodeModuleName(specifier: string): string {
  return specifier.startsWith('node:') ? specifier.slice(5) : specifier;
}

/** The names that a module exports, `default` aside. */
export function nodeExports(specifier: string): readonly string[] {
  return (exportNames[nodeModuleName(specifier)] ?? '').split(' ');
}
