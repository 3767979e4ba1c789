/** Objects that are more than data, as messages: each kind has its part of the protocol. */

import type { BodyMessage, ErrorMessage, SpecialMessage } from '../../../messages/channel.ts';
import { neutral } from '../../../realm/neutral.ts';
import { neutralRpc } from '../../../realm/neutral-rpc.ts';
import type { CapState, ExportKind, ExportState } from '../../../realm/prelude/rpc/rpc-state.ts';
import type {
  BodyState,
  ErrorState,
  RequestState,
  ResponseState,
  SourceState,
  TargetState,
} from '../../../realm/prelude/state.ts';
import { receiveError, toErrorMessage } from '../error-message.ts';
import type { Capabilities } from './capabilities.ts';
import type { SpecialsCodec } from './payload.ts';

const transferBuffer = ArrayBuffer.prototype.transfer;

/** What the channel does for bodies and targets. */
export interface SpecialsPowers {
  readonly capabilities: Capabilities;
  readonly sendBody: (body: BodyState) => { body: BodyMessage; transfers: readonly ArrayBuffer[] };
  readonly receiveBody: (body: BodyMessage) => BodyState;
  readonly target: (service: string, entrypoint: string, props: string) => TargetState;
  /** Gives a stack the positions of sources. */
  readonly mapStack: (stack: string) => string;
  /** What stands for a capability that is gone. */
  readonly brokenCap: () => CapState;
}

export function makeSpecialsCodec(powers: SpecialsPowers): SpecialsCodec {
  return {
    send: (state, transfers) => sendSpecial(state, transfers, powers),
    receive: (message) => receiveSpecial(message, powers),
  };
}

function sendSpecial(state: ExportState, transfers: ArrayBuffer[], powers: SpecialsPowers): SpecialMessage {
  const { kind, text, detail } = state;
  const entries: SpecialMessage[] = [];
  if (kind === 'form-data') {
    for (let entry = state.value as ExportState | undefined; entry !== undefined; entry = entry.next)
      entries.push(sendSpecial(entry, transfers, powers));
  }
  return { kind, text, detail, value: sendValue(state, transfers, powers), entries };
}

function sendValue(state: ExportState, transfers: ArrayBuffer[], powers: SpecialsPowers): unknown {
  const { kind, value } = state;
  switch (kind) {
    case 'stub':
    case 'writable':
      return powers.capabilities.pass(value as CapState);
    case 'abort-signal':
      if (typeof value !== 'object' || value === null) return value;
      return state.text === 'aborted'
        ? toErrorMessage(value as ErrorState)
        : powers.capabilities.pass(value as CapState);
    case 'service':
      return designatorOf(value as TargetState);
    case 'request':
    case 'response':
      return sendExchange(value as RequestState | ResponseState, transfers, powers);
    case 'readable': {
      const sent = powers.sendBody(neutral.streamBody(value as SourceState, -1));
      return sent.body;
    }
    case 'blob':
    case 'file': {
      const buffer = transferBuffer.call(value as ArrayBuffer);
      transfers.push(buffer);
      return buffer;
    }
    case 'domexception':
      return toErrorMessage(value as ErrorState);
    case 'error': {
      const message = toErrorMessage(value as ErrorState);
      return { ...message, stack: powers.mapStack(message.stack) } satisfies ErrorMessage;
    }
    default:
      return undefined;
  }
}

function designatorOf({ designator }: TargetState): string {
  if (designator === '') throw new TypeError('this service is known to its own thread only');
  return designator;
}

function sendExchange(
  state: RequestState | ResponseState,
  transfers: ArrayBuffer[],
  { sendBody }: SpecialsPowers,
): object {
  const sent = sendBody(state.body);
  transfers.push(...sent.transfers);
  return { ...state, body: sent.body };
}

function receiveSpecial(message: SpecialMessage, powers: SpecialsPowers): ExportState {
  let entries: ExportState | undefined;
  for (const entry of [...message.entries].reverse()) entries = receiveOne(entry, powers, entries);
  if (message.kind === 'form-data')
    return neutralRpc.exported('form-data', '', entries, message.detail, undefined);
  return receiveOne(message, powers, undefined);
}

function receiveOne(
  message: SpecialMessage,
  powers: SpecialsPowers,
  next: ExportState | undefined,
): ExportState {
  const { text, detail } = message;
  const kind = message.kind as ExportKind;
  return neutralRpc.exported(kind, text, receiveValue(kind, message, powers), detail, next);
}

function receiveValue(kind: ExportKind, { text, value }: SpecialMessage, powers: SpecialsPowers): unknown {
  switch (kind) {
    case 'stub':
    case 'writable':
      return powers.capabilities.take(value as number) ?? powers.brokenCap();
    case 'abort-signal':
      if (text === 'aborted' && (typeof value !== 'object' || value === null)) return value;
      return text === 'aborted'
        ? receiveError(value as ErrorMessage)
        : (powers.capabilities.take(value as number) ?? powers.brokenCap());
    case 'service': {
      const [service, entrypoint, props] = JSON.parse(value as string) as [string, string, string];
      return powers.target(service, entrypoint, props);
    }
    case 'request': {
      const { method, url, headers, body, cf } = value as RequestState & { body: BodyMessage };
      return neutral.request(method, url, headers, powers.receiveBody(body), cf);
    }
    case 'response': {
      const { status, statusText, headers, body } = value as ResponseState & { body: BodyMessage };
      return neutral.response(status, statusText, headers, powers.receiveBody(body));
    }
    case 'readable': {
      const body = powers.receiveBody(value as BodyMessage);
      return typeof body === 'object' ? body.source : undefined;
    }
    case 'domexception':
    case 'error':
      return receiveError(value as ErrorMessage);
    default:
      return value;
  }
}
