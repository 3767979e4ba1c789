/**
 * One request to a directory, and its answer. Settles its call at most once. Everything that a realm is told or asked happens in turns of
 * its own. Runs in a thread.
 */

import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { discardResponse, neutral } from '../../realm/neutral.ts';
import type {
  BodyState,
  CallState,
  ErrorState,
  RequestState,
  ResponseState,
} from '../../realm/prelude/state.ts';
import { makeHostError } from '../host-error.ts';
import { RequestBody, takeBuffer } from '../network/request-body.ts';
import type { Turns } from '../network/turns.ts';
import { byteRange, type ByteRange } from './byte-range.ts';
import { failedCondition, httpDate, isRangeValid, type Validators, validatorsOf } from './conditions.ts';
import type { Directory, Names } from './directory.ts';
import { codeOf, statusOfFailure } from './failures.ts';
import { FileBody } from './file-body.ts';
import { listDirectory } from './listing.ts';
import { parseHeaders } from './request-headers.ts';
import { requestPath } from './request-path.ts';
import { readWhole, wholeBytes } from './whole-file.ts';
import { removeEntry, replaceFile } from './write.ts';

export interface DiskExchangeOptions {
  readonly directory: Directory;
  readonly writable: boolean;
  readonly allowDotfiles: boolean;
  readonly turns: Turns;
  /** Runs what calls the realm, as part of the request that the call belongs to. */
  readonly enter: (run: () => void) => void;
  /** Told of every body that holds a file open, and again when it is closed. */
  readonly bodies: Set<FileBody>;
}

const unread = neutral.error('error', 'Error', 'The body of the request is not read.', '', '');

/** The file is not as the request wants it. */
class ConditionFailed extends Error {}

export class DiskExchange {
  readonly #options: DiskExchangeOptions;
  readonly #request: RequestState;
  readonly #upload: RequestBody | undefined;
  /** Until it is settled. */
  #call: CallState | undefined;
  #body: FileBody | undefined;
  #headers: ReadonlyMap<string, string> | undefined;

  constructor(request: RequestState, call: CallState, options: DiskExchangeOptions) {
    this.#request = request;
    this.#call = call;
    this.#options = options;
    const source = typeof request.body === 'object' ? request.body.source : undefined;
    this.#upload = source === undefined ? undefined : new RequestBody(source, options);
  }

  /** In a turn of its own. */
  start(): void {
    if (this.#call === undefined) return;
    void this.#respond();
  }

  /** The caller has given up. In a turn of its own. */
  abort(reason: ErrorState): void {
    this.#call = undefined;
    this.#upload?.cancel(reason);
    this.#body?.abort(reason);
  }

  /** Rejects nothing. */
  async #respond(): Promise<void> {
    const isWrite = this.#request.method === 'PUT' || this.#request.method === 'DELETE';
    try {
      const response = await this.#perform(isWrite);
      this.#settle(response, undefined);
    } catch (error) {
      if (error instanceof ConditionFailed) return this.#settle(refusal(412), undefined);
      const status = this.#upload?.failure === undefined ? statusOfFailure(error, isWrite) : undefined;
      if (status !== undefined) return this.#settle(refusal(status), undefined);
      const failed = this.#upload?.failure;
      const reason = failed === undefined ? codeOf(error) : `the body of the request failed: ${failed}`;
      this.#settle(undefined, makeHostError('DISK_FAILED', { reason }));
    }
  }

  async #perform(isWrite: boolean): Promise<ResponseState> {
    const { method, url } = this.#request;
    const { writable, allowDotfiles } = this.#options;
    const names = requestPath(url, allowDotfiles);
    if (isWrite) {
      if (!writable) return refusal(405, 'allow\nGET, HEAD\n');
      if (names === undefined || names.length === 0) return refusal(403);
      return method === 'PUT' ? this.#put(names) : this.#remove(names);
    }
    if (method !== 'GET' && method !== 'HEAD') return refusal(501);
    return names === undefined ? refusal(404) : this.#read(names);
  }

  async #read(names: Names): Promise<ResponseState> {
    const { handle, stats, path } = await this.#options.directory.open(names);
    let isKept = false;
    try {
      if (stats.isDirectory()) return await this.#list(path, stats);
      const response = await this.#readFile(handle, stats);
      isKept = this.#body !== undefined;
      return response;
    } finally {
      if (!isKept) await handle.close();
    }
  }

  async #list(path: string, stats: BigIntStats): Promise<ResponseState> {
    const headers = `content-type\napplication/json\nlast-modified\n${httpDate(validatorsOf(stats).modified)}\n`;
    if (this.#request.method === 'HEAD') return neutral.response(200, 'OK', headers, undefined);
    const text = await listDirectory(path, this.#options.allowDotfiles);
    return neutral.response(200, 'OK', headers, text);
  }

  async #readFile(handle: FileHandle, stats: BigIntStats): Promise<ResponseState> {
    const size = Number(stats.size);
    const validators = validatorsOf(stats);
    const common = `etag\n${validators.etag}\nlast-modified\n${httpDate(validators.modified)}\naccept-ranges\nbytes\n`;
    const failed = failedCondition((name) => this.#header(name), validators, true);
    if (failed === 304) return neutral.response(304, 'Not Modified', common, undefined);
    if (failed !== undefined) return refusal(failed);
    const range = this.#range(size, validators);
    if (range === 'unsatisfiable') return refusal(416, `content-range\nbytes */${size}\n`);
    const { start, length } = range ?? { start: 0, length: size };
    const part = range && `content-range\nbytes ${start}-${start + length - 1}/${size}\n`;
    const headers = `content-type\napplication/octet-stream\n${common}content-length\n${length}\n${part ?? ''}`;
    const body = this.#request.method === 'HEAD' ? undefined : await this.#bodyOf(handle, { start, length });
    if (part === undefined) return neutral.response(200, 'OK', headers, body);
    return neutral.response(206, 'Partial Content', headers, body);
  }

  #range(size: number, validators: Validators): ByteRange | 'unsatisfiable' | undefined {
    if (this.#request.method !== 'GET' || !isRangeValid(this.#header('if-range'), validators))
      return undefined;
    return byteRange(this.#header('range'), size);
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

  async #put(names: Names): Promise<ResponseState> {
    await this.#assertConditions(names);
    const chunks = this.#chunks();
    await replaceFile(this.#options.directory, names, chunks, async () => {
      await this.#assertConditions(names);
      if (this.#call === undefined) throw new ConditionFailed(); // nobody waits for it: it is not done
    });
    return neutral.response(204, 'No Content', '', undefined);
  }

  async #remove(names: Names): Promise<ResponseState> {
    await this.#assertConditions(names);
    await removeEntry(this.#options.directory, names);
    return neutral.response(204, 'No Content', '', undefined);
  }

  /** Throws where the file is not as the request wants it. */
  async #assertConditions(names: Names): Promise<void> {
    const wants = ['if-match', 'if-none-match', 'if-unmodified-since'];
    if (wants.every((name) => this.#header(name) === undefined)) return;
    const stats = await this.#options.directory.stat(names).catch((error: unknown) => {
      if (statusOfFailure(error, false) === 404) return undefined;
      throw error;
    });
    const current = stats && validatorsOf(stats);
    if (failedCondition((name) => this.#header(name), current, false) !== undefined)
      throw new ConditionFailed();
  }

  /** Throws where the buffer is somebody else's already. */
  #chunks(): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
    const { body } = this.#request;
    if (body === undefined) return [];
    if (typeof body === 'string') return [Buffer.from(body)];
    return this.#upload ?? [takeBuffer(body.buffer)];
  }

  /** The first of its name. */
  #header(name: string): string | undefined {
    this.#headers ??= parseHeaders(this.#request.headers);
    return this.#headers.get(name);
  }

  #settle(response: ResponseState | undefined, error: ErrorState | undefined): void {
    const { turns, enter } = this.#options;
    turns.run(() => {
      this.#upload?.cancel(unread);
      const call = this.#call;
      this.#call = undefined;
      if (call === undefined || call.aborted !== undefined) {
        if (response !== undefined) discardResponse(response, unread);
        return;
      }
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

const reasons: Readonly<Record<number, string>> = Object.freeze({
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  412: 'Precondition Failed',
  416: 'Range Not Satisfiable',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  507: 'Insufficient Storage',
});

function refusal(status: number, headers = ''): ResponseState {
  const reason = reasons[status] ?? '';
  return neutral.response(status, reason, `content-type\ntext/plain;charset=UTF-8\n${headers}`, reason);
}
