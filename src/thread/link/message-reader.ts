/**
 * Messages of a channel from what another nanod has sent. Nothing is believed: each field is what it has to be, or a Violation is thrown and
 * the connection ends. What is made are fresh records, of nothing but the fields that are known. Runs in a thread.
 */

import type {
  BodyMessage,
  CallMessage,
  CallTarget,
  ChannelMessage,
  ErrorMessage,
  PayloadMessage,
} from '../../messages/channel.ts';
import { maxDepth } from '../../services/request-context.ts';
import { Violation } from '../channel/trust.ts';
import { Fields } from './fields.ts';
import { primitiveOf } from './flat-value.ts';
import type { FrameSource } from './frame.ts';
import { isCloseCode, isJson, isUrl, methodForm, reasonForm, requestIdForm } from './forms.ts';
import { readSpecial } from './special-reader.ts';

/** Names between a capability and what is asked of it. */
const longestPath = 1000;
const mostCost = 2 ** 31;

/** The messages of a frame. */
export function readMessages(frame: FrameSource): ChannelMessage[] {
  const messages = new Fields(frame.json).map((fields) => {
    const message = fields.list();
    const read = readMessage(message, frame);
    message.end();
    return read;
  });
  frame.end();
  return messages;
}

function readMessage(fields: Fields, frame: FrameSource): ChannelMessage {
  const type = fields.text();
  switch (type) {
    case 'fetch':
      return readFetch(fields, frame);
    case 'reply':
      return readReply(fields, frame);
    case 'failure':
      return { type, id: fields.id(), error: readError(fields.list()) };
    case 'abort':
      return { type, id: fields.id(), reason: readError(fields.list()) };
    case 'call':
      return {
        type,
        id: fields.id(),
        target: readTarget(fields.list()),
        path: readPath(fields.list()),
        args: readPayload(fields.next(), frame, true),
        ...readContext(fields.list()),
      };
    case 'return':
      return readReturn(fields, frame);
    default:
      return readStreamMessage(type, fields, frame);
  }
}

function readStreamMessage(type: string, fields: Fields, frame: FrameSource): ChannelMessage {
  switch (type) {
    case 'chunk':
      return { type, stream: fields.id(), buffer: readBytes(fields, frame) };
    case 'end':
      return { type, stream: fields.id() };
    case 'stream-failure':
      return { type, stream: fields.id(), error: readError(fields.list()) };
    case 'credit':
      return { type, stream: fields.id(), bytes: fields.integer(1, mostCost) };
    case 'cancel':
      return { type, stream: fields.id(), reason: readError(fields.list()) };
    case 'call-drop':
      return { type, id: fields.id() };
    case 'call-forget':
      return { type, ids: fields.list().map((each) => each.id()) };
    case 'release':
      return { type, cap: fields.id(), count: fields.id() };
    case 'watch':
      return { type, cap: fields.id() };
    case 'broken':
      return { type, cap: fields.id(), error: readError(fields.list()) };
    case 'leave':
      return { type };
    default:
      return readSocketMessage(type, fields, frame);
  }
}

function readSocketMessage(type: string, fields: Fields, frame: FrameSource): ChannelMessage {
  switch (type) {
    case 'socket-message': {
      const socket = fields.eitherId();
      const text = fields.next();
      if (text === null) return { type, socket, text: undefined, buffer: readBytes(fields, frame) };
      if (typeof text !== 'string' || !text.isWellFormed()) throw new Violation('a message is no text');
      fields.integer(0, 0);
      return { type, socket, text, buffer: undefined };
    }
    case 'socket-close': {
      const socket = fields.eitherId();
      const code = fields.integer(1000, 4999);
      const reason = fields.text();
      const isClean = fields.flag();
      if (!isCloseCode(code, isClean) || Buffer.byteLength(reason) > 123)
        throw new Violation('a WebSocket cannot be closed like that');
      return { type, socket, code, reason, isClean };
    }
    case 'socket-taken':
      return { type, socket: fields.eitherId(), cost: fields.integer(0, mostCost) };
    default:
      throw new Violation('a message is of no kind');
  }
}

function readFetch(fields: Fields, frame: FrameSource): ChannelMessage {
  const id = fields.id();
  const target = readTarget(fields.list());
  const context = readContext(fields.list());
  const method = fields.match(methodForm);
  const url = fields.text();
  const headers = fields.headers();
  const body = readBody(fields.next(), frame);
  const cf = fields.text();
  if (!isUrl(url)) throw new Violation('a URL is none');
  if (cf !== '' && !isJson(cf)) throw new Violation('a request has properties that are no JSON');
  return { type: 'fetch', id, target, ...context, method, url, headers, body, cf };
}

function readReply(fields: Fields, frame: FrameSource): ChannelMessage {
  const id = fields.id();
  const status = fields.integer(101, 599);
  const statusText = fields.match(reasonForm);
  const headers = fields.headers();
  const body = readBody(fields.next(), frame);
  const webSocket = fields.integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  // The final ones, and the one that comes with a WebSocket.
  if (webSocket === 0 ? status < 200 : status !== 101) throw new Violation('a status is none');
  return { type: 'reply', id, status, statusText, headers, body, webSocket };
}

function readReturn(fields: Fields, frame: FrameSource): ChannelMessage {
  const id = fields.id();
  const outcome = fields.oneOf(['value', 'error']);
  const payload = readPayload(fields.next(), frame, false);
  const said = fields.next();
  const failure = said === null ? undefined : readError(new Fields(said));
  const isKept = fields.flag();
  if ((payload === undefined) === (failure === undefined)) throw new Violation('a result is none, or two');
  if (failure !== undefined && outcome !== 'error') throw new Violation('a failure is no error');
  return { type: 'return', id, outcome, payload, failure, isKept };
}

function readContext(fields: Fields): Pick<CallMessage, 'depth' | 'draw' | 'requestId'> {
  const requestId = fields.match(requestIdForm);
  const depth = fields.integer(1, maxDepth);
  const draw = fields.next() ?? undefined;
  fields.end();
  if (draw !== undefined && !(typeof draw === 'number' && draw >= 0 && draw <= 100))
    throw new Violation('a draw is none');
  return { requestId, depth, draw };
}

function readTarget(fields: Fields): CallTarget {
  const kind = fields.oneOf(['entrypoint', 'cap', 'answer']);
  const target: CallTarget =
    kind === 'entrypoint'
      ? { kind, service: '', entrypoint: fields.text(), props: fields.text() }
      : kind === 'cap'
        ? { kind, cap: fields.id() }
        : { kind, id: fields.id() };
  fields.end();
  return target;
}

function readPath(fields: Fields): string[] {
  const path = fields.map((each) => each.text());
  if (path.length > longestPath) throw new Violation('a path is very long');
  return path;
}

/** `isList`: arguments, which are a list. */
function readPayload(
  allegedPayload: unknown,
  frame: FrameSource,
  isList: boolean,
): PayloadMessage | undefined {
  if (allegedPayload === null) return undefined;
  const fields = new Fields(allegedPayload);
  const kind = fields.oneOf(['plain', 'list', 'value']);
  if (kind === 'value') {
    const bytes = readBytes(fields, frame);
    const specials = fields.list().map((each) => readSpecial(each.list(), frame, specialParts));
    fields.end();
    return { kind: 'encoded', bytes, specials };
  }
  if ((kind === 'list') !== isList) throw new Violation('arguments are no list');
  const value = kind === 'list' ? fields.list().map(readPrimitive) : readPrimitive(fields);
  fields.end();
  return { kind: 'plain', value };
}

function readPrimitive(fields: Fields): unknown {
  const found = primitiveOf(fields.next());
  if (found === undefined) throw new Violation('a primitive is none');
  return found[0];
}

function readBytes(fields: Fields, frame: FrameSource): ArrayBuffer {
  return frame.take(fields.integer(0, Number.MAX_SAFE_INTEGER));
}

function readBody(allegedBody: unknown, frame: FrameSource): BodyMessage {
  if (allegedBody === null) return undefined;
  const fields = new Fields(allegedBody);
  const body = readSomeBody(fields, frame);
  fields.end();
  return body;
}

function readSomeBody(fields: Fields, frame: FrameSource): BodyMessage {
  const kind = fields.oneOf(['text', 'bytes', 'stream']);
  switch (kind) {
    case 'text': {
      const text = fields.text();
      if (!text.isWellFormed()) throw new Violation('a body is no text');
      return text;
    }
    case 'bytes':
      return { kind, buffer: readBytes(fields, frame) };
    case 'stream':
      return { kind, stream: fields.id(), length: fields.integer(-1, Number.MAX_SAFE_INTEGER) };
  }
}

function readError(fields: Fields): ErrorMessage {
  const kind = fields.oneOf(['error', 'domexception']);
  const error = {
    kind,
    name: fields.text(),
    message: fields.text(),
    stack: fields.text(),
    code: fields.text(),
  };
  fields.end();
  return error;
}

const specialParts = Object.freeze({ readBody, readBytes, readError, readPrimitive });
