/**
 * The globals of a realm. Each is loaded at its first use: `require` is the bundler's, and runs the module then. A module that is
 * needed before worker code runs is imported statically instead.
 */

import { installGlobalScope } from './events/lazy-scope.ts';
import { globalFetch } from './fetch/global-fetch.ts';
import { Headers } from './fetch/headers.ts';
import { Request } from './fetch/request.ts';
import { Response } from './fetch/response.ts';
import { defineLazyGlobal, defineValue } from './lazy.ts';
import { globalObject } from './primordials.ts';

/** Defines every lazy global of the realm. */
export function installGlobals(): void {
  // Keep these in the order of the folders; one line per global.
  defineLazyGlobal('Cache', () => require('./caches/caches.ts').Cache);
  defineLazyGlobal('CacheStorage', () => require('./caches/caches.ts').CacheStorage);
  defineLazyGlobal('caches', () => require('./caches/caches.ts').caches, true);
  defineLazyGlobal('console', () => require('./console/console.ts').console);
  defineLazyGlobal('structuredClone', () => require('./clone/structured-clone.ts').structuredClone, true);
  defineLazyGlobal('Crypto', () => require('./crypto/crypto.ts').Crypto);
  defineLazyGlobal('CryptoKey', () => require('./crypto/crypto-key.ts').CryptoKey);
  defineLazyGlobal('SubtleCrypto', () => require('./crypto/subtle.ts').SubtleCrypto);
  defineLazyGlobal('crypto', () => require('./crypto/crypto.ts').crypto, true);
  defineLazyGlobal('Blob', () => require('./data/blob.ts').Blob);
  defineLazyGlobal('File', () => require('./data/file.ts').File);
  defineLazyGlobal('FileReader', () => require('./data/file-reader.ts').FileReader);
  defineLazyGlobal('FormData', () => require('./data/form-data.ts').FormData);
  defineLazyGlobal('TextDecoder', () => require('./encoding/text-decoder.ts').TextDecoder);
  defineLazyGlobal('TextEncoder', () => require('./encoding/text-encoder.ts').TextEncoder);
  defineLazyGlobal('atob', () => require('./encoding/base64.ts').atob, true);
  defineLazyGlobal('btoa', () => require('./encoding/base64.ts').btoa, true);
  defineLazyGlobal('DOMException', () => require('./errors/dom-exception.ts').DOMException);
  defineLazyGlobal('QuotaExceededError', () => require('./errors/dom-exception.ts').QuotaExceededError);
  installGlobalScope();
  defineLazyGlobal('AbortController', () => require('./events/abort-signal.ts').AbortController);
  defineLazyGlobal('AbortSignal', () => require('./events/abort-signal.ts').AbortSignal);
  defineLazyGlobal('CloseEvent', () => require('./events/message-events.ts').CloseEvent);
  defineLazyGlobal('CustomEvent', () => require('./events/custom-event.ts').CustomEvent);
  defineLazyGlobal('ErrorEvent', () => require('./events/error-events.ts').ErrorEvent);
  defineLazyGlobal('Event', () => require('./events/event.ts').Event);
  defineLazyGlobal('ExtendableEvent', () => require('./events/fetch-event.ts').ExtendableEvent);
  defineLazyGlobal('FetchEvent', () => require('./events/fetch-event.ts').FetchEvent);
  defineLazyGlobal('MessageEvent', () => require('./events/message-events.ts').MessageEvent);
  defineLazyGlobal('ProgressEvent', () => require('./events/message-events.ts').ProgressEvent);
  defineLazyGlobal('PromiseRejectionEvent', () => require('./events/error-events.ts').PromiseRejectionEvent);
  defineLazyGlobal('BroadcastChannel', () => require('./messaging/broadcast-channel.ts').BroadcastChannel);
  defineLazyGlobal('MessageChannel', () => require('./messaging/message-channel.ts').MessageChannel);
  defineLazyGlobal('MessagePort', () => require('./messaging/message-port.ts').MessagePort);
  defineLazyGlobal('EventSource', () => require('./event-source/event-source.ts').EventSource);
  defineValue(globalObject, 'Headers', Headers);
  defineValue(globalObject, 'Request', Request);
  defineValue(globalObject, 'Response', Response);
  defineValue(globalObject, 'fetch', globalFetch, true);
  defineLazyGlobal(
    'ByteLengthQueuingStrategy',
    () => require('./streams/strategy.ts').ByteLengthQueuingStrategy,
  );
  defineLazyGlobal('CompressionStream', () => require('./streams/compression-stream.ts').CompressionStream);
  defineLazyGlobal('CountQueuingStrategy', () => require('./streams/strategy.ts').CountQueuingStrategy);
  defineLazyGlobal(
    'DecompressionStream',
    () => require('./streams/compression-stream.ts').DecompressionStream,
  );
  defineLazyGlobal('FixedLengthStream', () => require('./streams/identity-stream.ts').FixedLengthStream);
  defineLazyGlobal(
    'IdentityTransformStream',
    () => require('./streams/identity-stream.ts').IdentityTransformStream,
  );
  defineLazyGlobal(
    'ReadableByteStreamController',
    () => require('./streams/byte-interfaces.ts').ReadableByteStreamController,
  );
  defineLazyGlobal('ReadableStream', () => require('./streams/readable-stream.ts').ReadableStream);
  defineLazyGlobal(
    'ReadableStreamBYOBReader',
    () => require('./streams/byob-reader.ts').ReadableStreamBYOBReader,
  );
  defineLazyGlobal(
    'ReadableStreamBYOBRequest',
    () => require('./streams/byte-interfaces.ts').ReadableStreamBYOBRequest,
  );
  defineLazyGlobal(
    'ReadableStreamDefaultController',
    () => require('./streams/default-controller.ts').ReadableStreamDefaultController,
  );
  defineLazyGlobal(
    'ReadableStreamDefaultReader',
    () => require('./streams/default-reader.ts').ReadableStreamDefaultReader,
  );
  defineLazyGlobal('TextDecoderStream', () => require('./streams/text-streams.ts').TextDecoderStream);
  defineLazyGlobal('TextEncoderStream', () => require('./streams/text-streams.ts').TextEncoderStream);
  defineLazyGlobal('TransformStream', () => require('./streams/transform-stream.ts').TransformStream);
  defineLazyGlobal(
    'TransformStreamDefaultController',
    () => require('./streams/transform-stream.ts').TransformStreamDefaultController,
  );
  defineLazyGlobal('WritableStream', () => require('./streams/writable-stream.ts').WritableStream);
  defineLazyGlobal(
    'WritableStreamDefaultController',
    () => require('./streams/writable-stream.ts').WritableStreamDefaultController,
  );
  defineLazyGlobal(
    'WritableStreamDefaultWriter',
    () => require('./streams/writer.ts').WritableStreamDefaultWriter,
  );
  defineLazyGlobal('HTMLRewriter', () => require('./html/html-rewriter.ts').HTMLRewriter);
  defineLazyGlobal('Navigator', () => require('./navigator.ts').Navigator);
  defineLazyGlobal('navigator', () => require('./navigator.ts').navigator, true);
  defineLazyGlobal('Performance', () => require('./performance/performance.ts').Performance);
  defineLazyGlobal('PerformanceEntry', () => require('./performance/entries.ts').PerformanceEntry);
  defineLazyGlobal('PerformanceMark', () => require('./performance/entries.ts').PerformanceMark);
  defineLazyGlobal('PerformanceMeasure', () => require('./performance/entries.ts').PerformanceMeasure);
  defineLazyGlobal('PerformanceObserver', () => require('./performance/observer.ts').PerformanceObserver);
  defineLazyGlobal(
    'PerformanceObserverEntryList',
    () => require('./performance/observer.ts').PerformanceObserverEntryList,
  );
  defineLazyGlobal('performance', () => require('./performance/performance.ts').performance, true);
  defineLazyGlobal('clearInterval', () => require('./timers.ts').clearInterval, true);
  defineLazyGlobal('clearTimeout', () => require('./timers.ts').clearTimeout, true);
  defineLazyGlobal('queueMicrotask', () => require('./timers.ts').queueMicrotask, true);
  defineLazyGlobal('scheduler', () => require('./scheduler.ts').scheduler, true);
  defineLazyGlobal('setInterval', () => require('./timers.ts').setInterval, true);
  defineLazyGlobal('setTimeout', () => require('./timers.ts').setTimeout, true);
  defineLazyGlobal('URL', () => require('./url/url.ts').URL);
  defineLazyGlobal('URLPattern', () => require('./url/url-pattern.ts').URLPattern);
  defineLazyGlobal('URLSearchParams', () => require('./url/url-search-params.ts').URLSearchParams);
  defineLazyGlobal('WebSocket', () => require('./web-socket/web-socket.ts').WebSocket);
  defineLazyGlobal('WebSocketPair', () => require('./web-socket/pair.ts').WebSocketPair);
}
