/** Messages of a channel as lists that JSON can express, with their bytes beside them. Runs in a thread. */

import type {
  BodyMessage,
  CallMessage,
  CallTarget,
  ChannelMessage,
  ErrorMessage,
  FetchRequest,
  PayloadMessage,
  SpecialMessage,
} from '../../messages/channel.ts';
import type { RequestState, ResponseState } from '../../realm/prelude/state.ts';
import { assertNever } from '../../shared/assert.ts';
import { flatPrimitive } from './flat-value.ts';

/** Texts of errors are cut at this length, in units: an error that cannot be sent would help nobody. */
export const longestErrorText = 65_536;

type Wire = readonly unknown[];

/** Writes one message. What is in `attached` then belongs behind the text. */
export class MessageWriter {
  readonly attached: ArrayBuffer[] = [];
  attachedBytes = 0;
  readonly #sendsStacks: boolean;

  constructor(sendsStacks: boolean) {
    this.#sendsStacks = sendsStacks;
  }

  write(message: ChannelMessage): Wire {
    switch (message.type) {
      case 'fetch': {
        const { id, target, method, url, headers, body, cf } = message;
        return ['fetch', id, to(target), context(message), method, url, headers, this.#body(body), cf];
      }
      case 'reply': {
        const { id, status, statusText, headers, body, webSocket } = message;
        return ['reply', id, status, statusText, headers, this.#body(body), webSocket];
      }
      case 'failure':
        return ['failure', message.id, this.#error(message.error)];
      case 'abort':
        return ['abort', message.id, this.#error(message.reason)];
      case 'call': {
        const { id, target, path, args } = message;
        return ['call', id, to(target), path, this.#payload(args), context(message)];
      }
      case 'return': {
        const { id, outcome, payload, failure, isKept } = message;
        const said = failure === undefined ? null : this.#error(failure);
        return ['return', id, outcome, this.#payload(payload), said, isKept];
      }
      default:
        return this.#writeOther(message);
    }
  }

  #writeOther(message: ChannelMessage): Wire {
    switch (message.type) {
      case 'chunk':
        return ['chunk', message.stream, this.#attach(message.buffer)];
      case 'end':
        return ['end', message.stream];
      case 'stream-failure':
        return ['stream-failure', message.stream, this.#error(message.error)];
      case 'credit':
        return ['credit', message.stream, message.bytes];
      case 'cancel':
        return ['cancel', message.stream, this.#error(message.reason)];
      case 'call-drop':
        return ['call-drop', message.id];
      case 'call-forget':
        return ['call-forget', message.ids];
      case 'release':
        return ['release', message.cap, message.count];
      case 'watch':
        return ['watch', message.cap];
      case 'broken':
        return ['broken', message.cap, this.#error(message.error)];
      case 'socket-message': {
        const { socket, text, buffer } = message;
        return ['socket-message', socket, text ?? null, buffer === undefined ? 0 : this.#attach(buffer)];
      }
      case 'socket-close':
        return ['socket-close', message.socket, message.code, message.reason, message.isClean];
      case 'socket-taken':
        return ['socket-taken', message.socket, message.cost];
      case 'leave':
        return ['leave'];
      case 'fetch':
      case 'reply':
      case 'failure':
      case 'abort':
      case 'call':
      case 'return':
        return this.write(message);
      default:
        return assertNever(message);
    }
  }

  #attach(buffer: ArrayBuffer): number {
    this.attached.push(buffer);
    this.attachedBytes += buffer.byteLength;
    return buffer.byteLength;
  }

  #body(body: BodyMessage): Wire | null {
    if (body === undefined) return null;
    if (typeof body === 'string') return ['text', body];
    if (body.kind === 'bytes') return ['bytes', this.#attach(body.buffer)];
    return ['stream', body.stream, body.length];
  }

  #error({ kind, name, message, stack, code }: ErrorMessage): Wire {
    const sent = this.#sendsStacks ? cut(stack) : '';
    return [kind, cut(name), cut(message), sent, code];
  }

  #payload(payload: PayloadMessage | undefined): Wire | null {
    if (payload === undefined) return null;
    if (payload.kind === 'encoded') {
      const { bytes, specials } = payload;
      return ['value', this.#attach(bytes), specials.map((special) => this.#special(special))];
    }
    const { value } = payload;
    if (!Array.isArray(value)) return ['plain', flatPrimitive(value)];
    return ['list', (value as unknown[]).map(flatPrimitive)];
  }

  #special({ kind, text, detail, value, entries }: SpecialMessage): Wire {
    return [
      kind,
      text,
      detail,
      this.#specialValue(kind, text, value),
      entries.map((each) => this.#special(each)),
    ];
  }

  #specialValue(kind: string, text: string, value: unknown): unknown {
    switch (kind) {
      case 'stub':
      case 'writable':
      case 'service':
        return value;
      case 'abort-signal':
        if (text !== 'aborted') return value;
        if (typeof value === 'object' && value !== null) return ['error', this.#error(value as ErrorMessage)];
        return ['plain', flatPrimitive(value) ?? ['u']];
      case 'request': {
        const { method, url, headers, cf, body } = value as Omit<RequestState, 'body'> & {
          body: BodyMessage;
        };
        return [method, url, headers, cf, this.#body(body)];
      }
      case 'response': {
        const { status, statusText, headers, body } = value as Omit<ResponseState, 'body'> & {
          body: BodyMessage;
        };
        return [status, statusText, headers, this.#body(body)];
      }
      case 'readable':
        return this.#body(value as BodyMessage);
      case 'blob':
      case 'file':
        return this.#attach(value as ArrayBuffer);
      case 'error':
      case 'domexception':
        return this.#error(value as ErrorMessage);
      default:
        return null;
    }
  }
}

/** Which request a call belongs to, how deep it is, and which side of a share the request is on. */
function context({ requestId, depth, draw }: CallMessage | FetchRequest): Wire {
  return [requestId, depth, draw ?? null];
}

/** The service is said by the connection itself. */
function to(target: CallTarget): Wire {
  switch (target.kind) {
    case 'entrypoint':
      return ['entrypoint', target.entrypoint, target.props];
    case 'cap':
      return ['cap', target.cap];
    case 'answer':
      return ['answer', target.id];
  }
}

function cut(text: string): string {
  return text.length <= longestErrorText ? text : `${text.slice(0, longestErrorText)}…`;
}
