/** Objects that are more than data, as another nanod has sent them: each kind with what belongs to it, or a Violation. Runs in a thread. */

import type { BodyMessage, ErrorMessage, SpecialMessage } from '../../messages/channel.ts';
import { Violation } from '../channel/trust.ts';
import type { Fields } from './fields.ts';
import { fileForm, isJson, isUrl, methodForm, reasonForm } from './forms.ts';
import type { FrameSource } from './frame.ts';

/** How the parts of a message are read. */
export interface SpecialParts {
  readonly readBody: (allegedBody: unknown, frame: FrameSource) => BodyMessage;
  readonly readBytes: (fields: Fields, frame: FrameSource) => ArrayBuffer;
  readonly readError: (fields: Fields) => ErrorMessage;
  readonly readPrimitive: (fields: Fields) => unknown;
}

const kinds = [
  'abort-signal',
  'blob',
  'domexception',
  'error',
  'file',
  'form-data',
  'headers',
  'readable',
  'request',
  'response',
  'search-params',
  'service',
  'stub',
  'url',
  'writable',
] as const;
const entryKinds = ['file', 'text'] as const;

type Kind = (typeof kinds)[number] | 'text';

/** Bytes of an object are taken from the frame before those of its entries. */
export function readSpecial(fields: Fields, frame: FrameSource, parts: SpecialParts): SpecialMessage {
  return readOne(fields, frame, parts, kinds);
}

function readOne(
  fields: Fields,
  frame: FrameSource,
  parts: SpecialParts,
  among: readonly Kind[],
): SpecialMessage {
  const kind = fields.oneOf(among);
  const text = kind === 'headers' ? fields.headers() : fields.text();
  const detail = kind === 'file' ? fields.match(fileForm) : fields.text();
  if (kind === 'url' && URL.parse(text) === null) throw new Violation('a URL is none');
  const value = readValue(kind, text, fields, frame, parts);
  const list = fields.list();
  const entries =
    kind === 'form-data' ? list.map((each) => readOne(each.list(), frame, parts, entryKinds)) : [];
  list.end();
  fields.end();
  return { kind, text, detail, value, entries };
}

function readValue(
  kind: Kind,
  text: string,
  fields: Fields,
  frame: FrameSource,
  parts: SpecialParts,
): unknown {
  switch (kind) {
    case 'stub':
    case 'writable':
    case 'service':
      return fields.eitherId();
    case 'abort-signal':
      return text === 'aborted' ? readReason(fields.list(), parts) : fields.eitherId();
    case 'request':
      return readRequest(fields.list(), frame, parts);
    case 'response':
      return readResponse(fields.list(), frame, parts);
    case 'readable': {
      const body = parts.readBody(fields.next(), frame);
      if (typeof body !== 'object' || body.kind !== 'stream') throw new Violation('a stream is none');
      return body;
    }
    case 'blob':
    case 'file':
      return parts.readBytes(fields, frame);
    case 'error':
    case 'domexception':
      return parts.readError(fields.list());
    default:
      fields.next();
      return undefined;
  }
}

/** Why a signal was aborted. */
function readReason(fields: Fields, parts: SpecialParts): unknown {
  const reason =
    fields.oneOf(['plain', 'error']) === 'plain'
      ? parts.readPrimitive(fields)
      : parts.readError(fields.list());
  fields.end();
  return reason;
}

function readRequest(fields: Fields, frame: FrameSource, parts: SpecialParts): object {
  const method = fields.match(methodForm);
  const url = fields.text();
  const headers = fields.headers();
  const cf = fields.text();
  const body = parts.readBody(fields.next(), frame);
  fields.end();
  if (!isUrl(url) || (cf !== '' && !isJson(cf))) throw new Violation('a request is malformed');
  return { method, url, headers, body, cf };
}

function readResponse(fields: Fields, frame: FrameSource, parts: SpecialParts): object {
  const status = fields.integer(0, 599);
  const statusText = fields.match(reasonForm);
  const headers = fields.headers();
  const body = parts.readBody(fields.next(), frame);
  fields.end();
  // 0 is that of Response.error().
  if (status !== 0 && status < 200) throw new Violation('a status is none');
  return { status, statusText, headers, body };
}
