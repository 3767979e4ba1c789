/** Objects that are more than data, as messages: each kind has its part of the protocol. */

import type { BodyMessage, CallTarget, ErrorMessage, SpecialMessage } from '../../../messages/channel.ts';
import { neutral } from '../../../realm/neutral.ts';
import { neutralRpc } from '../../../realm/neutral-rpc.ts';
import type { CapState, ExportKind, ExportState } from '../../../realm/prelude/rpc/rpc-state.ts';
import { makeHostError } from '../../../services/host-error.ts';
import type {
  CallState,
  ErrorState,
  RequestState,
  ResponseState,
  SourceState,
  TargetState,
} from '../../../realm/prelude/state.ts';
import { receiveError, toErrorMessage } from '../error-message.ts';
import { type Capabilities, importedOf } from './capabilities.ts';
import type { Bodies } from '../bodies.ts';
import { capOfService, passedService, serviceOfCap } from './passed-services.ts';
import { Refusal, type SpecialsCodec, type ValueCodec } from './payload.ts';

const transferBuffer = ArrayBuffer.prototype.transfer;

/** What the channel does for bodies and targets. */
export interface SpecialsPowers {
  readonly capabilities: Capabilities;
  readonly bodies: Bodies;
  readonly values: ValueCodec;
  readonly target: (service: string, entrypoint: string, props: string) => TargetState;
  /** Makes a request to a service that the other side has passed. */
  readonly fetch: (to: CallTarget, request: RequestState, call: CallState) => void;
  /** Whether services are passed by their names: the other side has the same ones. */
  readonly sharesServices: boolean;
  /** Gives a stack the positions of sources. */
  readonly mapStack: (stack: string) => string;
  /** What is said of what is gone. */
  readonly lost: () => ErrorState;
  /** What stands for a capability that is gone. */
  readonly brokenCap: () => CapState;
}

export function makeSpecialsCodec(powers: SpecialsPowers): SpecialsCodec {
  return {
    send: (state, transfers) => sendSpecial(state, transfers, powers),
    takeBack: (messages) => takeBack(messages, powers),
    receive: (message) => receiveSpecial(message, powers),
    values: powers.values,
  };
}

/** Capabilities that were passed are not, and streams that were opened end. */
function takeBack(messages: readonly SpecialMessage[], { capabilities, bodies }: SpecialsPowers): void {
  for (const { kind, value } of messages) {
    if (typeof value === 'number' && value > 0)
      capabilities.released({ type: 'release', cap: value, count: 1 });
    if (kind === 'readable') bodies.takeBack(value as BodyMessage);
    if (kind === 'request' || kind === 'response') bodies.takeBack((value as { body: BodyMessage }).body);
  }
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
      return pass(value as CapState, powers);
    case 'abort-signal':
      if (typeof value !== 'object' || value === null) return value;
      return state.text === 'aborted' ? toErrorMessage(value as ErrorState) : pass(value as CapState, powers);
    case 'service': {
      const target = value as TargetState;
      if (powers.sharesServices && target.designator !== '') return target.designator;
      return pass(capOfService(target), powers);
    }
    case 'request':
    case 'response':
      return sendExchange(value as RequestState | ResponseState, transfers, powers);
    case 'readable': {
      refuseStreams(powers);
      const sent = powers.bodies.send(neutral.streamBody(value as SourceState, -1));
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

function refuseStreams({ bodies }: SpecialsPowers): void {
  const { refusal } = bodies;
  if (refusal !== undefined) throw new Refusal(refusal);
}

function pass(cap: CapState, { capabilities }: SpecialsPowers): number {
  const id = capabilities.pass(cap);
  if (id !== undefined) return id;
  throw new Refusal(makeHostError('RPC_LIMIT', { what: `${capabilities.size} stubs are held` }));
}

function sendExchange(
  state: RequestState | ResponseState,
  transfers: ArrayBuffer[],
  powers: SpecialsPowers,
): object {
  const { bodies } = powers;
  refuseStreams(powers);
  const sent = bodies.send(state.body);
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
    case 'service':
      return receiveService(value, powers);
    case 'request': {
      const { method, url, headers, body, cf } = value as RequestState & { body: BodyMessage };
      return neutral.request(method, url, headers, powers.bodies.receive(body), cf);
    }
    case 'response': {
      const { status, statusText, headers, body } = value as ResponseState & { body: BodyMessage };
      return neutral.response(status, statusText, headers, powers.bodies.receive(body));
    }
    case 'readable': {
      const body = powers.bodies.receive(value as BodyMessage);
      return typeof body === 'object' ? body.source : undefined;
    }
    case 'domexception':
    case 'error':
      return receiveError(value as ErrorMessage);
    default:
      return value;
  }
}

function receiveService(value: unknown, powers: SpecialsPowers): TargetState {
  if (typeof value === 'string') {
    const [service, entrypoint, props] = JSON.parse(value) as [string, string, string];
    return powers.target(service, entrypoint, props);
  }
  const cap = powers.capabilities.take(value as number) ?? powers.brokenCap();
  const known = serviceOfCap(cap);
  if (known !== undefined) return known;
  if (!powers.capabilities.isImported(cap))
    return passedService(cap, (_request, call) => call.settle(call, undefined, powers.lost()));
  const { id } = importedOf(cap);
  return passedService(cap, (request, call) => powers.fetch({ kind: 'cap', cap: id }, request, call));
}
