/**
 * The globals of a realm. Each is loaded at its first use: `require` is the bundler's, and runs the module then. A module that is
 * needed before worker code runs is imported statically instead.
 */

import { installGlobalScope } from './events/lazy-scope.ts';
import { globalFetch } from './fetch/global-fetch.ts';
import { Request } from './fetch/request.ts';
import { Response } from './fetch/response.ts';
import { defineLazyGlobals, defineValue } from './lazy.ts';
import { globalObject } from './primordials.ts';

// A new global is a name in one of these lists, and a case in `load`. Keep all three in the order of the folders.

/** Interfaces, and whatever else is not enumerable. */
const hidden = [
  'Cache',
  'CacheStorage',
  'console',
  'Crypto',
  'CryptoKey',
  'SubtleCrypto',
  'Blob',
  'File',
  'FileReader',
  'FormData',
  'TextDecoder',
  'TextEncoder',
  'DOMException',
  'QuotaExceededError',
  'EventTarget',
  'WorkerGlobalScope',
  'ServiceWorkerGlobalScope',
  'AbortController',
  'AbortSignal',
  'CloseEvent',
  'CustomEvent',
  'ErrorEvent',
  'Event',
  'ExtendableEvent',
  'FetchEvent',
  'MessageEvent',
  'ProgressEvent',
  'PromiseRejectionEvent',
  'BroadcastChannel',
  'MessageChannel',
  'MessagePort',
  'EventSource',
  'Headers',
  'ByteLengthQueuingStrategy',
  'CompressionStream',
  'CountQueuingStrategy',
  'DecompressionStream',
  'FixedLengthStream',
  'IdentityTransformStream',
  'ReadableByteStreamController',
  'ReadableStream',
  'ReadableStreamBYOBReader',
  'ReadableStreamBYOBRequest',
  'ReadableStreamDefaultController',
  'ReadableStreamDefaultReader',
  'TextDecoderStream',
  'TextEncoderStream',
  'TransformStream',
  'TransformStreamDefaultController',
  'WritableStream',
  'WritableStreamDefaultController',
  'WritableStreamDefaultWriter',
  'HTMLRewriter',
  'Navigator',
  'Performance',
  'PerformanceEntry',
  'PerformanceMark',
  'PerformanceMeasure',
  'PerformanceObserver',
  'PerformanceObserverEntryList',
  'URL',
  'URLPattern',
  'URLSearchParams',
  'WebSocket',
  'WebSocketPair',
] as const;

/** Functions and objects that are enumerable. */
const enumerable = [
  'caches',
  'structuredClone',
  'crypto',
  'atob',
  'btoa',
  'addEventListener',
  'removeEventListener',
  'dispatchEvent',
  'reportError',
  'navigator',
  'performance',
  'clearInterval',
  'clearTimeout',
  'queueMicrotask',
  'scheduler',
  'setInterval',
  'setTimeout',
] as const;

type LazyGlobal = (typeof hidden)[number] | (typeof enumerable)[number];

/** Defines every global of the realm. */
export function installGlobals(): void {
  defineLazyGlobals(hidden, load, false);
  defineLazyGlobals(enumerable, load, true);
  installGlobalScope();
  defineValue(globalObject, 'Request', Request);
  defineValue(globalObject, 'Response', Response);
  defineValue(globalObject, 'fetch', globalFetch, true);
}

/** One function for all of them: a function for each would cost every realm 7 KiB (bench/realm.ts). */
function load(name: LazyGlobal): unknown {
  switch (name) {
    case 'Cache':
      return require('./caches/caches.ts').Cache;
    case 'CacheStorage':
      return require('./caches/caches.ts').CacheStorage;
    case 'caches':
      return require('./caches/caches.ts').caches;
    case 'console':
      return require('./console/console.ts').console;
    case 'structuredClone':
      return require('./clone/structured-clone.ts').structuredClone;
    case 'Crypto':
      return require('./crypto/crypto.ts').Crypto;
    case 'CryptoKey':
      return require('./crypto/crypto-key.ts').CryptoKey;
    case 'SubtleCrypto':
      return require('./crypto/subtle.ts').SubtleCrypto;
    case 'crypto':
      return require('./crypto/crypto.ts').crypto;
    case 'Blob':
      return require('./data/blob.ts').Blob;
    case 'File':
      return require('./data/file.ts').File;
    case 'FileReader':
      return require('./data/file-reader.ts').FileReader;
    case 'FormData':
      return require('./data/form-data.ts').FormData;
    case 'TextDecoder':
      return require('./encoding/text-decoder.ts').TextDecoder;
    case 'TextEncoder':
      return require('./encoding/text-encoder.ts').TextEncoder;
    case 'atob':
      return require('./encoding/base64.ts').atob;
    case 'btoa':
      return require('./encoding/base64.ts').btoa;
    case 'DOMException':
      return require('./errors/dom-exception.ts').DOMException;
    case 'QuotaExceededError':
      return require('./errors/dom-exception.ts').QuotaExceededError;
    case 'EventTarget':
      return require('./events/global-scope.ts').EventTarget;
    case 'WorkerGlobalScope':
      return require('./events/global-scope.ts').WorkerGlobalScope;
    case 'ServiceWorkerGlobalScope':
      return require('./events/global-scope.ts').ServiceWorkerGlobalScope;
    case 'addEventListener':
      return require('./events/global-scope.ts').addEventListener;
    case 'removeEventListener':
      return require('./events/global-scope.ts').removeEventListener;
    case 'dispatchEvent':
      return require('./events/global-scope.ts').dispatchEvent;
    case 'reportError':
      return require('./events/global-scope.ts').reportError;
    case 'AbortController':
      return require('./events/abort-signal.ts').AbortController;
    case 'AbortSignal':
      return require('./events/abort-signal.ts').AbortSignal;
    case 'CloseEvent':
      return require('./events/message-events.ts').CloseEvent;
    case 'CustomEvent':
      return require('./events/custom-event.ts').CustomEvent;
    case 'ErrorEvent':
      return require('./events/error-events.ts').ErrorEvent;
    case 'Event':
      return require('./events/event.ts').Event;
    case 'ExtendableEvent':
      return require('./events/fetch-event.ts').ExtendableEvent;
    case 'FetchEvent':
      return require('./events/fetch-event.ts').FetchEvent;
    case 'MessageEvent':
      return require('./events/message-events.ts').MessageEvent;
    case 'ProgressEvent':
      return require('./events/message-events.ts').ProgressEvent;
    case 'PromiseRejectionEvent':
      return require('./events/error-events.ts').PromiseRejectionEvent;
    case 'BroadcastChannel':
      return require('./messaging/broadcast-channel.ts').BroadcastChannel;
    case 'MessageChannel':
      return require('./messaging/message-channel.ts').MessageChannel;
    case 'MessagePort':
      return require('./messaging/message-port.ts').MessagePort;
    case 'EventSource':
      return require('./event-source/event-source.ts').EventSource;
    case 'Headers':
      return require('./fetch/headers.ts').Headers;
    case 'ByteLengthQueuingStrategy':
      return require('./streams/strategy.ts').ByteLengthQueuingStrategy;
    case 'CompressionStream':
      return require('./streams/compression-stream.ts').CompressionStream;
    case 'CountQueuingStrategy':
      return require('./streams/strategy.ts').CountQueuingStrategy;
    case 'DecompressionStream':
      return require('./streams/compression-stream.ts').DecompressionStream;
    case 'FixedLengthStream':
      return require('./streams/identity-stream.ts').FixedLengthStream;
    case 'IdentityTransformStream':
      return require('./streams/identity-stream.ts').IdentityTransformStream;
    case 'ReadableByteStreamController':
      return require('./streams/byte-interfaces.ts').ReadableByteStreamController;
    case 'ReadableStream':
      return require('./streams/readable-stream.ts').ReadableStream;
    case 'ReadableStreamBYOBReader':
      return require('./streams/byob-reader.ts').ReadableStreamBYOBReader;
    case 'ReadableStreamBYOBRequest':
      return require('./streams/byte-interfaces.ts').ReadableStreamBYOBRequest;
    case 'ReadableStreamDefaultController':
      return require('./streams/default-controller.ts').ReadableStreamDefaultController;
    case 'ReadableStreamDefaultReader':
      return require('./streams/default-reader.ts').ReadableStreamDefaultReader;
    case 'TextDecoderStream':
      return require('./streams/text-streams.ts').TextDecoderStream;
    case 'TextEncoderStream':
      return require('./streams/text-streams.ts').TextEncoderStream;
    case 'TransformStream':
      return require('./streams/transform-stream.ts').TransformStream;
    case 'TransformStreamDefaultController':
      return require('./streams/transform-stream.ts').TransformStreamDefaultController;
    case 'WritableStream':
      return require('./streams/writable-stream.ts').WritableStream;
    case 'WritableStreamDefaultController':
      return require('./streams/writable-stream.ts').WritableStreamDefaultController;
    case 'WritableStreamDefaultWriter':
      return require('./streams/writer.ts').WritableStreamDefaultWriter;
    case 'HTMLRewriter':
      return require('./html/html-rewriter.ts').HTMLRewriter;
    case 'Navigator':
      return require('./navigator.ts').Navigator;
    case 'navigator':
      return require('./navigator.ts').navigator;
    case 'Performance':
      return require('./performance/performance.ts').Performance;
    case 'PerformanceEntry':
      return require('./performance/entries.ts').PerformanceEntry;
    case 'PerformanceMark':
      return require('./performance/entries.ts').PerformanceMark;
    case 'PerformanceMeasure':
      return require('./performance/entries.ts').PerformanceMeasure;
    case 'PerformanceObserver':
      return require('./performance/observer.ts').PerformanceObserver;
    case 'PerformanceObserverEntryList':
      return require('./performance/observer.ts').PerformanceObserverEntryList;
    case 'performance':
      return require('./performance/performance.ts').performance;
    case 'clearInterval':
      return require('./timers.ts').clearInterval;
    case 'clearTimeout':
      return require('./timers.ts').clearTimeout;
    case 'queueMicrotask':
      return require('./timers.ts').queueMicrotask;
    case 'scheduler':
      return require('./scheduler.ts').scheduler;
    case 'setInterval':
      return require('./timers.ts').setInterval;
    case 'setTimeout':
      return require('./timers.ts').setTimeout;
    case 'URL':
      return require('./url/url.ts').URL;
    case 'URLPattern':
      return require('./url/url-pattern.ts').URLPattern;
    case 'URLSearchParams':
      return require('./url/url-search-params.ts').URLSearchParams;
    case 'WebSocket':
      return require('./web-socket/web-socket.ts').WebSocket;
    case 'WebSocketPair':
      return require('./web-socket/pair.ts').WebSocketPair;
  }
}
