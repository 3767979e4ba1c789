/**
 * One document on its way through an HTMLRewriter: a source that reads the original a piece at a time when somebody reads it, calls the
 * handlers in order, waiting for each, and gives out what becomes of it. Bytes that no handler changes are passed on as they are.
 */

import { toErrorState } from '../errors/error-state.ts';
import { guarded } from '../host.ts';
import type { HtmlParserState } from '../host-api.ts';
import {
  JSONParse,
  ReflectApply,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  RangeErrorCtor,
  Uint8ArrayCtor,
} from '../primordials.ts';
import type { ChunkSink, ErrorState, SourceState } from '../state.ts';
import { Deferred } from '../streams/promises.ts';
import type { BodyPieces, Bytes } from '../fetch/body-pieces.ts';
import type { Handlers } from './handlers.ts';
import type { Output } from './output.ts';
import type { HtmlToken, HtmlTokens } from './plan.ts';
import { parserError, Scope } from './scope.ts';
import { DocumentWriter } from './document-writer.ts';
import { endVisit, type Visit, visitOf } from './visits.ts';

const neutral = guarded($host.neutral);

/** Thrown where nobody reads any more. */
const CANCELED = {};
const NOTHING = new Uint8ArrayCtor(0);

export class Rewriting {
  readonly source: SourceState;
  readonly #input: BodyPieces;
  readonly #parser: HtmlParserState;
  readonly #handlers: readonly Handlers[];
  readonly #output: Output;
  readonly #writer: DocumentWriter;
  #sink: ChunkSink | undefined = undefined;
  /** Resolved when the next chunk is asked for; undefined before the first. */
  #wanted: Deferred<undefined> | undefined = undefined;
  #hasBegun = false;
  #isCanceled = false;
  #scope = new Scope();

  constructor(input: BodyPieces, parser: HtmlParserState, handlers: readonly Handlers[], output: Output) {
    this.#input = input;
    this.#parser = parser;
    this.#handlers = handlers;
    this.#output = output;
    this.#writer = new DocumentWriter(output);
    this.source = neutral.source(
      (sink) => this.#read(sink),
      (reason) => this.#cancel(reason),
    );
  }

  #read(sink: ChunkSink): void {
    this.#sink = sink;
    const wanted = this.#wanted;
    this.#wanted = undefined;
    if (wanted !== undefined) wanted.resolve(undefined);
    else if (!this.#hasBegun) {
      this.#hasBegun = true;
      void this.#run();
    }
  }

  #cancel(reason: ErrorState): void {
    this.#isCanceled = true;
    this.#sink = undefined;
    this.#wanted = undefined;
    this.#input.cancel(reason);
  }

  async #run(): Promise<void> {
    try {
      await this.#ready();
      let isLast;
      do {
        const reading = this.#input.next();
        if (reading !== undefined) await reading;
        const { piece } = this.#input;
        isLast = piece === undefined;
        await this.#take(piece ?? NOTHING, isLast);
      } while (!isLast);
      const ending = this.#visit(endVisit(this.#handlers, this.#output));
      if (ending !== undefined) await ending;
      if (this.#output.length > 0) await this.#deliver();
      this.#give('end', undefined, undefined);
    } catch (error) {
      this.#fail(error);
    }
  }

  #ready(): Promise<undefined> {
    const ready = new Deferred<undefined>();
    try {
      this.#parser.ready(() => ready.resolve(undefined));
    } catch {
      ready.reject(new RangeErrorCtor('Maximum call stack size exceeded'));
    }
    return ready.promise;
  }

  async #take(piece: Bytes, isLast: boolean): Promise<void> {
    const parsed = this.#parse(piece, isLast);
    const tokens = parsed[2];
    this.#writer.extend(piece);
    for (let i = 0; i < tokens.length; i++) {
      const visiting = this.#visit(visitOf(tokens[i] as HtmlToken, this.#handlers, this.#writer));
      if (visiting !== undefined) await visiting;
    }
    if (parsed[1] !== '') throw parserError(parsed[1]);
    this.#writer.settle(isLast ? undefined : parsed[0]);
    if (this.#output.length > 0) await this.#deliver();
  }

  /** Calls the handlers of one token. Undefined where nothing is to be waited for, which saves a promise for most tokens. */
  #visit(visit: Visit): Promise<void> | undefined {
    for (let i = 0; i < visit.count; i++) {
      const result = this.#call(visit, i);
      if (result !== undefined) return this.#visitOn(visit, i, result);
      this.#scope.isOpen = false;
    }
    visit.finish();
    return this.#output.hasSource ? this.#output.drain(this.#spill) : undefined;
  }

  async #visitOn(visit: Visit, index: number, result: unknown): Promise<void> {
    await (result as PromiseLike<unknown>); // or any other value
    this.#scope.isOpen = false;
    for (let i = index + 1; i < visit.count; i++) {
      const next = this.#call(visit, i);
      if (next !== undefined) await (next as PromiseLike<unknown>);
      this.#scope.isOpen = false;
    }
    visit.finish();
    if (this.#output.hasSource) await this.#output.drain(this.#spill);
  }

  #call(visit: Visit, index: number): unknown {
    if (this.#isCanceled) throw CANCELED;
    const scope = new Scope();
    this.#scope = scope;
    const token = visit.token(index, scope);
    const callback = visit.callback(index);
    return callback === undefined ? undefined : ReflectApply(callback, visit.self(index), [token]);
  }

  #parse(piece: Bytes, isLast: boolean): HtmlTokens {
    const buffer = TypedArrayPrototypeGetBuffer(piece);
    const byteOffset = TypedArrayPrototypeGetByteOffset(piece);
    const byteLength = TypedArrayPrototypeGetByteLength(piece);
    let tokens;
    try {
      tokens = this.#parser.write(buffer, byteOffset, byteLength, isLast);
    } catch {
      throw new RangeErrorCtor('Maximum call stack size exceeded');
    }
    return JSONParse(tokens) as HtmlTokens;
  }

  readonly #spill = (): Promise<void> => this.#deliver();

  /** Gives out what waits, and waits until more is wanted. */
  async #deliver(): Promise<void> {
    if (this.#isCanceled) throw CANCELED;
    const wanted = new Deferred<undefined>();
    this.#wanted = wanted;
    this.#give('chunk', this.#output.take(), undefined);
    await wanted.promise;
  }

  #give(
    step: 'chunk' | 'end' | 'error',
    buffer: ArrayBuffer | undefined,
    error: ErrorState | undefined,
  ): void {
    const sink = this.#sink;
    this.#sink = undefined;
    try {
      sink?.(step, buffer, error);
    } catch {
      // the receiver's own affair
    }
  }

  #fail(error: unknown): void {
    this.#scope.isOpen = false;
    if (error === CANCELED) return;
    const state = toErrorState(error);
    this.#input.cancel(state);
    this.#give('error', undefined, state);
  }
}
