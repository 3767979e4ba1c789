/**
 * One request to a static site, and its answer. Settles its call at most once. Everything that a realm is told or asked happens in turns of
 * its own. Runs in a thread.
 */

import type { FileHandle } from 'node:fs/promises';
import { discardBody, discardResponse, neutral } from '../../realm/neutral.ts';
import type {
  BodyState,
  CallState,
  ErrorState,
  RequestState,
  ResponseState,
} from '../../realm/prelude/state.ts';
import type { PathGlobs } from '../../shared/site/glob.ts';
import { byteRange, type ByteRange } from '../disk/byte-range.ts';
import { failedCondition, httpDate, isRangeValid, type Validators } from '../disk/conditions.ts';
import type { Directory, OpenFile } from '../disk/directory.ts';
import { codeOf, statusOfFailure } from '../disk/failures.ts';
import { FileBody } from '../disk/file-body.ts';
import { parseHeaders } from '../disk/request-headers.ts';
import { readWhole, wholeBytes } from '../disk/whole-file.ts';
import { makeHostError } from '../host-error.ts';
import type { Turns } from '../network/turns.ts';
import { chooseCoding } from './accept-encoding.ts';
import { contentTypeOf } from './content-type.ts';
import type { Decision, FileDecision } from './decide.ts';
import type { HeaderPair, HeaderRules } from './header-rules.ts';
import { type Coding, codings, type SiteFiles } from './site-files.ts';
import { encodePath } from './url-parts.ts';
import type { ValidatorCache } from './validators.ts';

/** What the exchanges of a site share. */
export interface SiteParts {
  readonly files: SiteFiles;
  readonly directory: Directory;
  readonly headerRules: HeaderRules;
  readonly immutable: PathGlobs;
  readonly validators: ValidatorCache;
  readonly turns: Turns;
  /** Told of every body that holds a file open, and again when it is closed. */
  readonly bodies: Set<FileBody>;
}

export interface AssetExchangeOptions extends SiteParts {
  /** Whether the client undoes codings: a worker does not. */
  readonly canDecode: boolean;
  /** Runs what calls the realm, as part of the request that the call belongs to. */
  readonly enter: (run: () => void) => void;
}

/** An open file, and the coding that it is in. */
interface Representation extends OpenFile {
  readonly coding: Coding | undefined;
  /** Whether another client may get another one. */
  readonly varies: boolean;
}

const unread = neutral.error('error', 'Error', 'The body of the request is not read.', '', '');

const checkedEachTime = 'public, max-age=0, must-revalidate';
const forEver = 'public, max-age=31536000, immutable';

export class AssetExchange {
  readonly #options: AssetExchangeOptions;
  readonly #request: RequestState;
  readonly #decision: Decision;
  readonly #headers: ReadonlyMap<string, string>;
  /** Until it is settled. */
  #call: CallState | undefined;
  #body: FileBody | undefined;

  constructor(request: RequestState, call: CallState, decision: Decision, options: AssetExchangeOptions) {
    this.#request = request;
    this.#call = call;
    this.#decision = decision;
    this.#options = options;
    this.#headers = parseHeaders(request.headers);
  }

  /** In a turn of its own. */
  start(): void {
    if (this.#call !== undefined) void this.#respond();
  }

  /** The caller has given up. In a turn of its own. */
  abort(reason: ErrorState): void {
    if (this.#call !== undefined) discardBody(this.#request.body, reason);
    this.#call = undefined;
    this.#body?.abort(reason);
  }

  /** Rejects nothing. */
  async #respond(): Promise<void> {
    try {
      this.#settle(await this.#perform(this.#decision), undefined);
    } catch (error) {
      const status = statusOfFailure(error, false);
      if (status !== undefined) this.#settle(this.#plain(status), undefined);
      else this.#settle(undefined, makeHostError('DISK_FAILED', { reason: codeOf(error) }));
    }
  }

  #perform(decision: Decision): Promise<ResponseState> | ResponseState {
    switch (decision.kind) {
      case 'file':
        return this.#file(decision);
      case 'redirect':
        return this.#answer(decision.status, [['location', decision.location]], undefined);
      case 'not-allowed':
        return this.#plain(405, [['allow', 'GET, HEAD']]);
      case 'missing':
        return this.#plain(404);
    }
  }

  async #file(decision: FileDecision): Promise<ResponseState> {
    const found = await this.#open(decision.path);
    let isKept = false;
    try {
      if (!found.stats.isFile()) return this.#plain(404);
      const response = await this.#represent(found, decision);
      isKept = this.#body !== undefined;
      return response;
    } finally {
      if (!isKept) await found.handle.close();
    }
  }

  /** In the coding that suits the client. A file of another coding that has just gone is done without. */
  async #open(path: string): Promise<Representation> {
    const { files, directory, canDecode } = this.#options;
    const available = canDecode ? files.codingsOf(path) : [];
    const varies = available.length > 0;
    const coding = chooseCoding(this.#headers.get('accept-encoding'), available);
    if (coding !== undefined) {
      const ending = codings.find((each) => each.coding === coding)?.ending ?? '';
      const opened = await directory.open(namesOf(path + ending)).catch(() => undefined);
      if (opened?.stats.isFile() === true) return { ...opened, coding, varies };
      await opened?.handle.close();
    }
    return { ...(await directory.open(namesOf(path))), coding: undefined, varies };
  }

  async #represent(found: Representation, decision: FileDecision): Promise<ResponseState> {
    const { handle, stats, coding } = found;
    const size = Number(stats.size);
    const { path, status } = decision;
    const ending = codings.find((each) => each.coding === coding)?.ending ?? '';
    const validators = await this.#options.validators.of(path + ending, handle, stats, coding);
    const common = this.#commonHeaders(found, decision, validators);
    if (status === 200) {
      const failed = failedCondition((name) => this.#headers.get(name), validators, true);
      if (failed === 304) return this.#answer(304, common, undefined);
      if (failed !== undefined) return this.#plain(failed);
    }
    const range = status === 200 ? this.#range(size, validators) : undefined;
    if (range === 'unsatisfiable') return this.#plain(416, [['content-range', `bytes */${size}`]]);
    const { start, length } = range ?? { start: 0, length: size };
    const part: HeaderPair[] =
      range === undefined ? [] : [['content-range', `bytes ${start}-${start + length - 1}/${size}`]];
    const type: HeaderPair = ['content-type', await contentTypeOf(path)];
    const encoding: HeaderPair[] = coding === undefined ? [] : [['content-encoding', coding]];
    const body = this.#request.method === 'HEAD' ? undefined : await this.#bodyOf(handle, { start, length });
    const headers = [type, ...encoding, ...common, ...part];
    return this.#answer(range === undefined ? status : 206, headers, body, length);
  }

  #commonHeaders(
    { varies }: Representation,
    { path, status, isFallback }: FileDecision,
    { etag, modified }: Validators,
  ): HeaderPair[] {
    const isImmutable = !isFallback && this.#options.immutable.test(encodePath(path)) === 'included';
    const headers: HeaderPair[] = [['etag', etag]];
    headers.push(['last-modified', httpDate(modified)]);
    if (status === 200) headers.push(['accept-ranges', 'bytes']);
    // What was asked for with a password is for nobody else's cache.
    if (!this.#headers.has('authorization'))
      headers.push(['cache-control', isImmutable ? forEver : checkedEachTime]);
    if (varies) headers.push(['vary', 'accept-encoding']);
    headers.push(['x-content-type-options', 'nosniff']);
    return headers;
  }

  #range(size: number, validators: Validators): ByteRange | 'unsatisfiable' | undefined {
    if (this.#request.method !== 'GET' || !isRangeValid(this.#headers.get('if-range'), validators))
      return undefined;
    return byteRange(this.#headers.get('range'), size);
  }

  async #bodyOf(handle: FileHandle, range: ByteRange): Promise<BodyState> {
    if (range.length <= wholeBytes) {
      const whole = await readWhole(handle, range);
      if (whole !== undefined) return neutral.bytesBody(whole, range.length);
    }
    const { turns, enter, bodies } = this.#options;
    const body = new FileBody(handle, range, { turns, enter, onClosed: () => bodies.delete(body) });
    bodies.add(body);
    this.#body = body;
    return neutral.streamBody(body.makeSource(), range.length);
  }

  #plain(status: number, headers: readonly HeaderPair[] = []): ResponseState {
    const text = reasons[status] ?? '';
    const type: HeaderPair = ['content-type', 'text/plain; charset=utf-8'];
    return this.#answer(status, [type, ...headers], this.#request.method === 'HEAD' ? undefined : text);
  }

  /** `length`: of a body that is none of those that say it themselves. */
  #answer(status: number, own: readonly HeaderPair[], body: BodyState, length?: number): ResponseState {
    const ruled = this.#options.headerRules.apply(this.#request.url, own);
    const headers = ruled.map(([name, value]) => `${name}\n${value}\n`).join('');
    const size = length === undefined ? '' : `content-length\n${length}\n`;
    return neutral.response(status, reasons[status] ?? '', headers + size, body);
  }

  #settle(response: ResponseState | undefined, error: ErrorState | undefined): void {
    const { turns, enter } = this.#options;
    turns.run(() => {
      const call = this.#call;
      this.#call = undefined;
      if (call === undefined || call.aborted !== undefined) {
        if (response !== undefined) discardResponse(response, unread);
        return;
      }
      discardBody(this.#request.body, unread);
      enter(() => {
        try {
          call.settle(call, response, error);
        } catch {
          // The caller's prelude failed near stack overflow; it has nothing more to do for this call.
        }
      });
    });
  }
}

function namesOf(path: string): string[] {
  return path.slice(1).split('/');
}

const reasons: Readonly<Record<number, string>> = Object.freeze({
  200: 'OK',
  206: 'Partial Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  412: 'Precondition Failed',
  416: 'Range Not Satisfiable',
  503: 'Service Unavailable',
});
