/** HTMLRewriter, as Cloudflare Workers have it. https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/ */

import { newBareArray } from '../bare-array.ts';
import { extractMimeType, parameterOf } from '../data/mime-type.ts';
import {
  hasBody,
  isResponse,
  ownResponse,
  type Response,
  responseHead,
  responseToState,
} from '../fetch/response.ts';
import { rawHeader } from '../fetch/headers.ts';
import { guarded } from '../host.ts';
import { newResponseState } from '../neutral.ts';
import { TypeErrorCtor } from '../primordials.ts';
import { defineInterface, requireArguments, toDOMString } from '../webidl.ts';
import { BodyPieces, bodySource } from '../fetch/body-pieces.ts';
import { type Handlers, inOrder, planOf, toDocumentHandlers, toElementHandlers } from './handlers.ts';
import { Output } from './output.ts';
import { Rewriting } from './rewriting.ts';
import { parserError } from './scope.ts';
import { parseHeaderList, newHeaderList, serializeHeaderList } from '../fetch/header-list.ts';

const html = guarded($host.html);
const neutral = guarded($host.neutral);

export class HTMLRewriter {
  readonly #handlers: Handlers[] = newBareArray();

  on(selector: unknown, handlers: unknown): this {
    const list = this.#handlers;
    requireArguments(arguments.length, 2, 'HTMLRewriter.on');
    const text = toDOMString(selector);
    const problem = html.selectorProblem(text);
    if (problem !== '') throw parserError(problem);
    list[list.length] = toElementHandlers(text, handlers);
    return this;
  }

  onDocument(handlers: unknown): this {
    const list = this.#handlers;
    requireArguments(arguments.length, 1, 'HTMLRewriter.onDocument');
    list[list.length] = toDocumentHandlers(handlers);
    return this;
  }

  /** The response with a body that is rewritten while it is read; its own body counts as used. One without a body is given back. */
  transform(response: unknown): Response {
    const handlers = inOrder(this.#handlers);
    if (!isResponse(response))
      throw new TypeErrorCtor('HTMLRewriter.transform: the value is not a Response.');
    if (!hasBody(response)) return response;
    const encoding = charsetOf(responseHead(response).headers);
    const parser = html.open(planOf(handlers), encoding);
    if (typeof parser === 'string') throw parserError(parser);
    const { status, statusText, headers, body } = responseToState(response);
    const output = new Output(parser);
    const { source } = new Rewriting(new BodyPieces(bodySource(body)), parser, handlers, output);
    return ownResponse(
      newResponseState(status, statusText, withoutLength(headers), neutral.streamBody(source, -1), undefined),
    );
  }
}

defineInterface(HTMLRewriter, 'HTMLRewriter');

function charsetOf(headers: string): string {
  const contentType = rawHeader(headers, 'content-type');
  const type = contentType === null ? undefined : extractMimeType(contentType);
  return (type === undefined ? undefined : parameterOf(type, 'charset')) ?? 'utf-8';
}

/** Nobody knows how long the result will be. */
function withoutLength(headers: string): string {
  const { names, values } = parseHeaderList(headers);
  const kept = newHeaderList();
  for (let i = 0; i < names.length; i++) {
    if (names[i] === 'content-length') continue;
    kept.names[kept.names.length] = names[i] as string;
    kept.values[kept.values.length] = values[i] as string;
  }
  return serializeHeaderList(kept);
}
