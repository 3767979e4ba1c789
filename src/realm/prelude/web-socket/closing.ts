/** The arguments of close(). https://websockets.spec.whatwg.org/#dom-websocket-close */

import { newDOMException } from '../errors/dom-exception.ts';
import { MathMax, MathMin, TypeErrorCtor } from '../primordials.ts';
import { toClampedLongLong, toUSVString } from '../webidl.ts';
import { utf8Length } from './end.ts';

/** What is sent. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** A close frame without a code. https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
export const NO_STATUS = 1005;
const NORMAL = 1000;
/** What a close frame has room for, in bytes of UTF-8. */
const LONGEST_REASON = 123;

/** As the standard has it for `new WebSocket`. Throws an InvalidAccessError or a SyntaxError. */
export function toClientClosing(code: unknown, reason: unknown): Closing {
  const number = code === undefined ? undefined : MathMin(MathMax(toClampedLongLong(code), 0), 0xffff);
  const text = reason === undefined ? '' : toUSVString(reason);
  if (number !== undefined && number !== NORMAL && !(number >= 3000 && number <= 4999)) {
    const message = `WebSocket.close: the code must be 1000 or between 3000 and 4999; ${number} is neither.`;
    throw newDOMException(message, 'InvalidAccessError');
  }
  requireShort(text);
  return { code: number ?? (text === '' ? NO_STATUS : NORMAL), reason: text };
}

/** As Workers have it for the ends of a pair: the codes of servers as well. Throws a TypeError, or a SyntaxError for a long reason. */
export function toServerClosing(code: unknown, reason: unknown): Closing {
  const number = code === undefined ? undefined : toClampedLongLong(code);
  const text = reason === undefined ? '' : toUSVString(reason);
  if (number !== undefined && !isServerCode(number)) {
    throw new TypeErrorCtor(`WebSocket.close: ${number} is not a close code that can be sent.`);
  }
  if (number === undefined && reason !== undefined) {
    throw new TypeErrorCtor('WebSocket.close: a reason needs a code.');
  }
  requireShort(text);
  return { code: number ?? NO_STATUS, reason: text };
}

/** https://www.iana.org/assignments/websocket, without what only stands for a frame that never was. */
function isServerCode(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}

function requireShort(reason: string): void {
  if (reason.length * 3 <= LONGEST_REASON) return;
  if (utf8Length(reason) <= LONGEST_REASON) return;
  throw newDOMException(`WebSocket.close: the reason is longer than ${LONGEST_REASON} bytes.`, 'SyntaxError');
}
