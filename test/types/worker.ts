/**
 * Compiled, never run (`npm run check -- worker-types`): a worker that uses what realms have, against the types of `nanod/types` alone. A line
 * that must not compile says so.
 */

import type { ExecutionContext, ExportedHandler, Fetcher, TestHandler, WorkerLoader } from 'nanod/types';
import page from './page.html';
import query from './query.sql';
import text from './text.txt';
import sum from './sum.wasm';
import bytes from './bytes.bin';

interface Env {
  readonly LOADER: WorkerLoader;
  readonly OTHER: Fetcher;
  readonly NAME: string;
}

/** Fails to compile unless the types are the same, and neither is `any`. */
function same<Expected>() {
  return <Found>(
    _value: Found,
    ..._proof: [Expected, Found] extends [Found, Expected]
      ? 0 extends 1 & Found
        ? ['any']
        : []
      : ['different']
  ): void => {};
}

async function fetchesAndStreams(request: Request, env: Env): Promise<Response> {
  same<string>()(new URL(request.url).searchParams.get('a') ?? '');
  same<readonly string[]>()(request.headers.getSetCookie() as readonly string[]);
  same<boolean>()(URL.canParse('/x', request.url));
  same<URLPatternResult | null>()(new URLPattern({ pathname: '/users/:id' }).exec(request.url));
  same<Uint8Array<ArrayBuffer>>()(await request.bytes());
  const stream = ReadableStream.from(['a', 'b']).pipeThrough(new TextEncoderStream());
  for await (const chunk of stream) same<Uint8Array<ArrayBuffer>>()(chunk);
  const { readable, writable } = new FixedLengthStream(5);
  void request.body?.pipeThrough(new IdentityTransformStream()).pipeTo(writable);
  void new Response(readable.pipeThrough(new CompressionStream('gzip')), { status: 201 });
  const form = await request.formData();
  for (const [name, value] of form) void `${name}${value instanceof File ? value.name : value}`;
  return env.OTHER.fetch('http://other/', {
    signal: AbortSignal.any([request.signal, AbortSignal.timeout(5)]),
  });
}

async function loads({ LOADER, OTHER }: Env): Promise<void> {
  const code = {
    compatibilityDate: '2026-01-01',
    mainModule: 'm.js',
    modules: { 'm.js': '', d: { data: new Uint8Array() } },
  };
  const worker = LOADER.get('one', () => ({ ...code, env: { OTHER }, globalOutbound: null }));
  same<Response>()(await worker.getEntrypoint().fetch('http://x/'));
  const auth = worker.getEntrypoint<typeof import('./rpc-auth.ts')>(null, { props: { a: 1 } });
  void auth.verify;
  // @ts-expect-error -- a module has one content
  void LOADER.load({ ...code, modules: { 'm.js': {} } });
}

async function timeAndEvents(): Promise<void> {
  await scheduler.wait(5, { signal: new AbortController().signal });
  same<number>()(performance.now());
  same<PerformanceMark>()(performance.mark('a', { detail: 1 }));
  addEventListener('fetch', (event) => event.respondWith(new Response(event.request.url)));
  addEventListener('unhandledrejection', (event) =>
    same<Promise<unknown>>()(event.promise as Promise<unknown>),
  );
  self.dispatchEvent(new CustomEvent('x', { detail: { a: 1 } }));
  new EventTarget().addEventListener('y', { handleEvent: (event) => same<Event>()(event) }, { once: true });
  same<{ a: Date }>()(structuredClone({ a: new Date() }));
  reportError(new QuotaExceededError('full', { quota: 1, requested: 2 }));
  queueMicrotask(() => console.log('%o', navigator.userAgent, globalThis.self === self));
  clearTimeout(setTimeout((name: string) => same<string>()(name), 5, 'x'));
}

async function messagesCachesAndHtml(request: Request): Promise<Response> {
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener('message', ({ ports }) => same<readonly MessagePort[]>()(ports));
  port1.postMessage(structuredClone(new ArrayBuffer(1)), [port2]);
  new BroadcastChannel('news').postMessage('x');
  same<Response | undefined>()(await caches.default.match(request));
  await (await caches.open('named')).put(request, new Response());
  const rewriter = new HTMLRewriter().on('a[href]', {
    element(element) {
      same<string | null>()(element.getAttribute('href'));
      element.append('<b>!</b>', { html: true }).onEndTag((tag) => tag.before('.'));
    },
    text: ({ text, lastInTextNode }) => same<string | false>()(lastInTextNode && text),
  });
  return rewriter.transform(await fetch(request));
}

async function cryptography(): Promise<void> {
  same<Uint8Array<ArrayBuffer>>()(crypto.getRandomValues(new Uint8Array(4)));
  same<string>()(crypto.randomUUID().toString());
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt']);
  same<CryptoKey>()(key);
  same<ArrayBuffer>()(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(atob(btoa('x')))));
  same<boolean>()(crypto.subtle.timingSafeEqual(new Uint8Array(1), new ArrayBuffer(1)));
  same<ArrayBuffer>()(await new crypto.DigestStream('SHA-1').digest);
}

function modules(): void {
  same<string>()(page);
  same<string>()(query);
  same<string>()(text);
  same<ArrayBuffer>()(bytes);
  same<WebAssembly.Instance>()(new WebAssembly.Instance(sum, {}));
}

function whatRealmsDoNotHave(): void {
  // @ts-expect-error: nor any other of a page
  void new XMLHttpRequest();
  // @ts-expect-error: nor any other of a browser's worker
  void importScripts;
  // @ts-expect-error
  void indexedDB;
  // @ts-expect-error: no host
  void process;
  // @ts-expect-error: modules come compiled, through imports
  void WebAssembly.compile;
  // @ts-expect-error
  void scheduler.postTask;
  // @ts-expect-error
  void navigator.serviceWorker;
}

export default {
  async fetch(request, env, ctx) {
    same<Request>()(request);
    same<ExecutionContext<unknown>>()(ctx);
    ctx.waitUntil(timeAndEvents());
    ctx.waitUntil(cryptography());
    ctx.waitUntil(messagesCachesAndHtml(request));
    modules();
    whatRealmsDoNotHave();
    // @ts-expect-error: a binding that the configuration does not name
    void env.NONE;
    return fetchesAndStreams(request, env);
  },
} satisfies ExportedHandler<Env>;

export const wrong = {
  // @ts-expect-error: no Response
  fetch: () => 'text',
} satisfies ExportedHandler;

export const tested = {
  async test(_controller, env, ctx) {
    same<Fetcher>()(env.OTHER);
    ctx.waitUntil(env.OTHER.fetch('http://other/'));
  },
} satisfies TestHandler<Env>;
