/** The one free variable of the prelude: the host functions given to this realm (see host-api.ts). Use `host` of host.ts. */
declare const $host: import('./host-api.ts').HostApi;

/** The bundler's lazy import: evaluates the module at the call. One overload per module that is loaded lazily. */
declare function require(path: '../streams/internal.ts'): typeof import('./streams/internal.ts');
declare function require(path: '../encoding/utf8.ts'): typeof import('./encoding/utf8.ts');
declare function require(path: '../url/url-search-params.ts'): typeof import('./url/url-search-params.ts');
declare function require(path: '../data/file.ts'): typeof import('./data/file.ts');
declare function require(path: '../data/blob.ts'): typeof import('./data/blob.ts');
declare function require(path: '../data/form-data.ts'): typeof import('./data/form-data.ts');
declare function require(path: '../events/abort-signal.ts'): typeof import('./events/abort-signal.ts');
declare function require(path: '../events/fetch-event.ts'): typeof import('./events/fetch-event.ts');
declare function require(path: '../crypto/operations.ts'): typeof import('./crypto/operations.ts');
declare function require(path: '../encoding/base64.ts'): typeof import('./encoding/base64.ts');
declare function require(path: './fetch/fetch-target.ts'): typeof import('./fetch/fetch-target.ts');
declare function require(path: './headers.ts'): typeof import('./fetch/headers.ts');
declare function require(path: './consume.ts'): typeof import('./fetch/consume.ts');
declare function require(path: './request-url.ts'): typeof import('./fetch/request-url.ts');
declare function require(path: './request-init.ts'): typeof import('./fetch/request-init.ts');
declare function require(path: './fetch-target.ts'): typeof import('./fetch/fetch-target.ts');
declare function require(path: './fetcher.ts'): typeof import('./worker/fetcher.ts');
declare function require(path: '../fetch/headers.ts'): typeof import('./fetch/headers.ts');
declare function require(path: './service-worker.ts'): typeof import('./worker/service-worker.ts');
declare function require(path: './fetch/headers.ts'): typeof import('./fetch/headers.ts');
declare function require(path: './load-global.ts'): typeof import('./load-global.ts');
declare function require(path: './body.ts'): typeof import('./fetch/body.ts');
declare function require(path: './redirect.ts'): typeof import('./fetch/redirect.ts');
declare function require(path: './cf.ts'): typeof import('./fetch/cf.ts');
declare function require(path: './call-signal.ts'): typeof import('./fetch/call-signal.ts');
declare function require(path: './body-init.ts'): typeof import('./fetch/body-init.ts');
declare function require(path: './worker-loader.ts'): typeof import('./worker/worker-loader.ts');
declare function require(path: './given-env.ts'): typeof import('./worker/given-env.ts');
declare function require(path: './rate-limit.ts'): typeof import('./worker/rate-limit.ts');
declare function require(path: './memory-cache.ts'): typeof import('./worker/memory-cache.ts');
declare function require(path: '../sockets/connect.ts'): typeof import('./sockets/connect.ts');
declare function require(path: '../sockets/serve-connect.ts'): typeof import('./sockets/serve-connect.ts');
declare function require(path: './builtins.ts'): typeof import('./worker/builtins.ts');
declare function require(path: './worker/tests.ts'): typeof import('./worker/tests.ts');
declare function require(path: './wrapped.ts'): typeof import('./worker/wrapped.ts');
declare function require(path: './assets.ts'): typeof import('./worker/assets.ts');
declare function require(path: './scheme-fetch.ts'): typeof import('./fetch/scheme-fetch.ts');
declare function require(path: '../data/mime-type.ts'): typeof import('./data/mime-type.ts');
declare function require(path: './encoding/text-decoder.ts'): typeof import('./encoding/text-decoder.ts');
declare function require(path: './encoding/text-encoder.ts'): typeof import('./encoding/text-encoder.ts');
declare function require(path: './encoding/base64.ts'): typeof import('./encoding/base64.ts');
declare function require(path: './events/global-scope.ts'): typeof import('./events/global-scope.ts');
declare function require(path: './global-scope.ts'): typeof import('./events/global-scope.ts');
declare function require(path: './events/abort-signal.ts'): typeof import('./events/abort-signal.ts');
declare function require(path: './errors/dom-exception.ts'): typeof import('./errors/dom-exception.ts');
declare function require(path: '../errors/dom-exception.ts'): typeof import('./errors/dom-exception.ts');
declare function require(path: './dom-exception.ts'): typeof import('./errors/dom-exception.ts');
declare function require(path: './events/event.ts'): typeof import('./events/event.ts');
declare function require(path: './events/custom-event.ts'): typeof import('./events/custom-event.ts');
declare function require(path: './events/error-events.ts'): typeof import('./events/error-events.ts');
declare function require(path: './events/message-events.ts'): typeof import('./events/message-events.ts');
declare function require(path: './events/fetch-event.ts'): typeof import('./events/fetch-event.ts');
declare function require(path: './timers.ts'): typeof import('./timers.ts');
declare function require(path: './cross-realm.ts'): typeof import('./streams/cross-realm.ts');
declare function require(
  path: './messaging/broadcast-channel.ts',
): typeof import('./messaging/broadcast-channel.ts');
declare function require(
  path: './messaging/message-channel.ts',
): typeof import('./messaging/message-channel.ts');
declare function require(path: './messaging/message-port.ts'): typeof import('./messaging/message-port.ts');
declare function require(path: '../timers.ts'): typeof import('./timers.ts');
declare function require(path: './streams/byob-reader.ts'): typeof import('./streams/byob-reader.ts');
declare function require(path: './streams/byte-interfaces.ts'): typeof import('./streams/byte-interfaces.ts');
declare function require(
  path: './streams/default-controller.ts',
): typeof import('./streams/default-controller.ts');
declare function require(path: './streams/default-reader.ts'): typeof import('./streams/default-reader.ts');
declare function require(path: './streams/readable-stream.ts'): typeof import('./streams/readable-stream.ts');
declare function require(path: './streams/strategy.ts'): typeof import('./streams/strategy.ts');
declare function require(
  path: './streams/transform-stream.ts',
): typeof import('./streams/transform-stream.ts');
declare function require(path: './streams/writable-stream.ts'): typeof import('./streams/writable-stream.ts');
declare function require(path: './streams/writer.ts'): typeof import('./streams/writer.ts');
declare function require(path: './url/url.ts'): typeof import('./url/url.ts');
declare function require(path: './url/url-search-params.ts'): typeof import('./url/url-search-params.ts');
declare function require(path: './clone/structured-clone.ts'): typeof import('./clone/structured-clone.ts');
declare function require(path: './data/blob.ts'): typeof import('./data/blob.ts');
declare function require(path: './data/file.ts'): typeof import('./data/file.ts');
declare function require(path: './data/file-reader.ts'): typeof import('./data/file-reader.ts');
declare function require(path: './data/form-data.ts'): typeof import('./data/form-data.ts');
declare function require(path: './multipart-writer.ts'): typeof import('./data/multipart-writer.ts');
declare function require(path: './form-parser.ts'): typeof import('./data/form-parser.ts');
declare function require(path: './crypto/crypto.ts'): typeof import('./crypto/crypto.ts');
declare function require(path: './crypto/crypto-key.ts'): typeof import('./crypto/crypto-key.ts');
declare function require(path: './crypto/subtle.ts'): typeof import('./crypto/subtle.ts');
declare function require(path: './subtle.ts'): typeof import('./crypto/subtle.ts');
declare function require(path: './digest-stream.ts'): typeof import('./crypto/digest-stream.ts');
declare function require(path: './console/console.ts'): typeof import('./console/console.ts');
declare function require(path: './inspect.ts'): typeof import('./console/inspect.ts');
declare function require(path: './table.ts'): typeof import('./console/table.ts');
declare function require(path: './url/url-pattern.ts'): typeof import('./url/url-pattern.ts');
declare function require(
  path: './streams/compression-stream.ts',
): typeof import('./streams/compression-stream.ts');
declare function require(path: './streams/identity-stream.ts'): typeof import('./streams/identity-stream.ts');
declare function require(path: './streams/text-streams.ts'): typeof import('./streams/text-streams.ts');
declare function require(path: '../clone/structured-clone.ts'): typeof import('./clone/structured-clone.ts');
declare function require(path: './navigator.ts'): typeof import('./navigator.ts');
declare function require(path: './performance/entries.ts'): typeof import('./performance/entries.ts');
declare function require(path: './performance/performance.ts'): typeof import('./performance/performance.ts');
declare function require(path: './performance/observer.ts'): typeof import('./performance/observer.ts');
declare function require(path: './flight.ts'): typeof import('./fetch/flight.ts');
declare function require(path: './node-modules.ts'): typeof import('./nodejs/node-modules.ts');
declare function require(path: '../nodejs/node-modules.ts'): typeof import('./nodejs/node-modules.ts');
declare function require(path: './nodejs/node-globals.ts'): typeof import('./nodejs/node-globals.ts');
declare function require(path: './scheduler.ts'): typeof import('./scheduler.ts');
declare function require(path: './html/html-rewriter.ts'): typeof import('./html/html-rewriter.ts');
declare function require(path: '../fetch/body-pieces.ts'): typeof import('./fetch/body-pieces.ts');
declare function require(path: './caches/caches.ts'): typeof import('./caches/caches.ts');
declare function require(path: '../fetch/response.ts'): typeof import('./fetch/response.ts');
declare function require(path: '../rpc/serve.ts'): typeof import('./rpc/serve.ts');
declare function require(path: '../rpc/answers.ts'): typeof import('./rpc/answers.ts');
declare function require(path: '../rpc/owned.ts'): typeof import('./rpc/owned.ts');
declare function require(path: '../rpc/called.ts'): typeof import('./rpc/called.ts');
declare function require(path: '../rpc/caller.ts'): typeof import('./rpc/caller.ts');
declare function require(path: '../rpc/durable-object.ts'): typeof import('./rpc/durable-object.ts');
declare function require(path: '../rpc/targets.ts'): typeof import('./rpc/targets.ts');
declare function require(path: '../rpc/stub.ts'): typeof import('./rpc/stub.ts');
declare function require(path: './stub.ts'): typeof import('./rpc/stub.ts');
declare function require(path: './rpc/exports.ts'): typeof import('./rpc/exports.ts');
declare function require(path: './rpc/imports.ts'): typeof import('./rpc/imports.ts');
declare function require(path: './stream-ends.ts'): typeof import('./rpc/stream-ends.ts');
declare function require(path: '../data/file.ts'): typeof import('./data/file.ts');
declare function require(path: '../url/url.ts'): typeof import('./url/url.ts');
declare function require(path: '../streams/writable-brand.ts'): typeof import('./streams/writable-brand.ts');
declare function require(
  path: '../streams/writable-stream.ts',
): typeof import('./streams/writable-stream.ts');
declare function require(path: '../worker/fetcher.ts'): typeof import('./worker/fetcher.ts');
declare function require(path: './worker/loopback.ts'): typeof import('./worker/loopback.ts');
declare function require(path: './web-socket/web-socket.ts'): typeof import('./web-socket/web-socket.ts');
declare function require(path: './web-socket/pair.ts'): typeof import('./web-socket/pair.ts');
declare function require(
  path: '../web-socket/response-socket.ts',
): typeof import('./web-socket/response-socket.ts');
declare function require(
  path: './event-source/event-source.ts',
): typeof import('./event-source/event-source.ts');
