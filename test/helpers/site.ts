/** Static sites of tests: a directory with files, asked as a socket and as a worker ask. */

import { join } from 'node:path';
import type { Test } from 'tap';
import { readHeaderRules } from '../../src/config/site/headers-file.ts';
import { readIgnoreLines } from '../../src/config/site/ignore-file.ts';
import { readRedirects } from '../../src/config/site/redirects-file.ts';
import type { BodyState, ResponseState } from '../../src/realm/prelude/state.ts';
import { AssetsService } from '../../src/services/assets.ts';
import type { SiteSettings } from '../../src/shared/site/settings.ts';
import { type CallInit, fetchState, headerLines, readBody } from './exchange.ts';

/** Where the site is. */
export const base = 'http://site.example';

/** A site with a clock of its own. */
export interface Site {
  readonly path: string;
  readonly assets: AssetsService;
  readonly fetch: AssetsService['fetch'];
  /** Moves the clock of the service on. */
  wait(ms: number): void;
  readonly failures: readonly string[];
}

/** The texts of the files of rules. */
interface Rules {
  readonly headers?: string;
  readonly redirects?: string;
  readonly ignore?: string;
}

type Files = NonNullable<Parameters<Test['testdir']>[0]>;

/** The site of these files; beside its directory lies one with a secret. */
export function site(
  t: Test,
  files: Files,
  options: Partial<Omit<SiteSettings, keyof Rules>> = {},
  { headers = '', redirects = '', ignore = '' }: Rules = {},
): Site {
  const path = join(t.testdir({ root: files, outside: { 'secret.txt': 'secret' } }), 'root');
  const htmlHandling = options.htmlHandling ?? 'auto-trailing-slash';
  let now = 0;
  const failures: string[] = [];
  const assets = new AssetsService(
    {
      directory: path,
      htmlHandling,
      notFoundHandling: 'none',
      immutable: [],
      precompressed: true,
      stamp: '',
      ...options,
      headers: readHeaderRules(headers).rules,
      redirects: readRedirects(redirects, htmlHandling).rules,
      ignore: readIgnoreLines(ignore).rules,
    },
    { now: () => now, onFailure: (reason) => failures.push(reason) },
  );
  t.teardown(() => assets.close());
  return {
    path,
    assets,
    failures,
    fetch: (request, call, canDecode = true) => assets.fetch(request, call, canDecode),
    wait: (ms) => {
      now += ms;
    },
  };
}

/** As a browser asks. */
export function get(site: Site, path: string, init?: CallInit): Promise<ResponseState> {
  return fetchState(clientOf(site), base + path, init);
}

/** As a socket brings requests. */
export function clientOf({ assets }: Site): Parameters<typeof fetchState>[0] {
  return { fetch: (request, call) => assets.fetch(request, call, true) };
}

/** As a worker makes them. */
export function workerOf({ assets }: Site): Parameters<typeof fetchState>[0] {
  return { fetch: (request, call) => assets.fetch(request, call, false) };
}

/** Everything of a body. */
export async function bytesOf(body: BodyState): Promise<Buffer> {
  if (typeof body === 'string') return Buffer.from(body);
  if (body === undefined) return Buffer.alloc(0);
  return body.kind === 'bytes' ? Buffer.from(body.buffer as ArrayBuffer) : readBody(body);
}

/** The body as text. */
export async function textOf({ body }: ResponseState): Promise<string> {
  return (await bytesOf(body)).toString();
}

/** The first header of a name. */
export function header(response: ResponseState, name: string): string | undefined {
  return headerLines(response)
    .find((line) => line.startsWith(`${name}: `))
    ?.slice(name.length + 2);
}

/** `200 text` or `307 location`. */
export async function outcome(site: Site, path: string, init?: CallInit): Promise<string> {
  const response = await get(site, path, init);
  return `${response.status} ${header(response, 'location') ?? (await textOf(response))}`;
}
