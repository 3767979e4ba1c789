/**
 * Static sites: the `assets` kind, and the site in front of a worker. Files of a directory at the URLs that people expect them at, as
 * Cloudflare's static assets. Runs in a thread.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { neutral } from '../realm/neutral.ts';
import type { CallState, RequestState } from '../realm/prelude/state.ts';
import { PathGlobs } from '../shared/site/glob.ts';
import type { NotFoundHandling, SiteSettings } from '../shared/site/settings.ts';
import { Decider, type Decision } from './assets/decide.ts';
import { AssetExchange, type SiteParts } from './assets/exchange.ts';
import { HeaderRules } from './assets/header-rules.ts';
import { SiteFiles } from './assets/site-files.ts';
import { ValidatorCache } from './assets/validators.ts';
import { Directory } from './disk/directory.ts';
import type { FileBody } from './disk/file-body.ts';
import { makeHostError } from './host-error.ts';
import { Turns } from './network/turns.ts';

export interface AssetsPowers {
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Told why the files of the directory cannot be known: once, until they can be again. */
  readonly onFailure: (reason: string) => void;
}

const tooDeep = makeHostError('DISK_FAILED', { reason: 'the call stack is full' });
const closed = neutral.error('error', 'Error', 'The service is closed.', '', '');

/** One static site on one thread. */
export class AssetsService {
  readonly #parts: SiteParts;
  readonly #decider: Decider;

  constructor(settings: SiteSettings, powers: AssetsPowers) {
    const files = new SiteFiles({ ...settings, ...powers });
    this.#decider = new Decider(settings, (path) => files.has(path));
    this.#parts = {
      files,
      directory: new Directory(settings.directory),
      headerRules: new HeaderRules(settings.headers),
      immutable: new PathGlobs(settings.immutable),
      validators: new ValidatorCache(),
      turns: new Turns(),
      bodies: new Set<FileBody>(),
    };
  }

  /** Settles the call. Throws nothing but near stack overflow; takes over the request's body. `canDecode`: see AssetExchange. */
  fetch(request: RequestState, call: CallState, canDecode: boolean): void {
    this.whenKnown(call, () => this.answer(request, call, this.decide(request), canDecode));
  }

  /** Runs `act` when the files are known, which is at once but in the beginning; else settles the call. */
  whenKnown(call: CallState, act: () => void): void {
    const loading = this.#parts.files.ready();
    if (loading === undefined) return act();
    // Each call waits by itself: that keeps the context of its request.
    void loading.then((reason) => {
      if (reason === undefined) act();
      else call.settle(call, undefined, makeHostError('DISK_FAILED', { reason }));
    });
  }

  /** To be called when the files are known. */
  decide({ method, url }: RequestState, notFound?: NotFoundHandling): Decision {
    return this.#decider.decide(method, url, notFound);
  }

  answer(request: RequestState, call: CallState, decision: Decision, canDecode: boolean): void {
    try {
      this.#begin(request, call, decision, canDecode);
    } catch {
      // Only stack overflow gets here. Where it gets the better of this as well, the guard of the caller answers.
      call.settle(call, undefined, tooDeep);
    }
  }

  /** Files that are open because somebody is reading them. */
  openFiles(): number {
    return this.#parts.bodies.size;
  }

  /** Ends what is being read. */
  close(): Promise<void> {
    this.#parts.files.close();
    for (const body of this.#parts.bodies) body.abort(closed);
    return Promise.resolve();
  }

  #begin(request: RequestState, call: CallState, decision: Decision, canDecode: boolean): void {
    const { turns } = this.#parts;
    const enter = AsyncLocalStorage.snapshot();
    const exchange = new AssetExchange(request, call, decision, { ...this.#parts, canDecode, enter });
    const { aborted } = call;
    if (aborted !== undefined) {
      turns.run(() => exchange.abort(aborted));
      return;
    }
    const others = call.onAbort;
    call.onAbort = (reason) => {
      turns.run(() => exchange.abort(reason));
      others?.(reason);
    };
    turns.run(() => exchange.start());
  }
}
