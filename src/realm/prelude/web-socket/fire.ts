/** The events of a WebSocket. https://websockets.spec.whatwg.org/#feedback-from-the-protocol */

import { newBlob } from '../data/blob.ts';
import { ErrorEvent } from '../events/error-events.ts';
import { Event, trusted } from '../events/event.ts';
import { dispatch } from '../events/event-target.ts';
import { CloseEvent, MessageEvent } from '../events/message-events.ts';
import { ArrayBufferPrototypeTransfer, Uint8ArrayCtor } from '../primordials.ts';

export function fireOpen(target: object): void {
  dispatch(target, trusted(new Event('open')));
}

export function fireMessage(
  target: object,
  text: string | undefined,
  buffer: ArrayBuffer | undefined,
  binaryType: 'blob' | 'arraybuffer',
  origin: string,
): void {
  const data = text ?? bytesAs(ArrayBufferPrototypeTransfer(buffer as ArrayBuffer), binaryType);
  dispatch(target, trusted(new MessageEvent('message', { __proto__: null, data, origin })));
}

function bytesAs(buffer: ArrayBuffer, binaryType: 'blob' | 'arraybuffer'): unknown {
  return binaryType === 'blob' ? newBlob(new Uint8ArrayCtor(buffer), '') : buffer;
}

/** An ErrorEvent, as Workers have it: on a server the reason is worth knowing. */
export function fireError(target: object, message: string): void {
  dispatch(target, trusted(new ErrorEvent('error', { __proto__: null, message })));
}

export function fireClose(target: object, code: number, reason: string, wasClean: boolean): void {
  dispatch(target, trusted(new CloseEvent('close', { __proto__: null, code, reason, wasClean })));
}
