/** Makes the neutral records of RPC (prelude/rpc/rpc-state.ts): one class each per thread, with a prototype that leads nowhere. */

import type {
  AnswerState,
  CapOps,
  CapState,
  EncodedState,
  ExportKind,
  ExportState,
  MarkerState,
  PathLink,
  RpcHost,
  ValueSource,
} from './prelude/rpc/rpc-state.ts';
import type { ErrorState } from './prelude/state.ts';

class NeutralCap implements CapState {
  readonly ops: CapOps;
  readonly subject: unknown;

  constructor(ops: CapOps, subject: unknown) {
    this.ops = ops;
    this.subject = subject;
  }
}

class NeutralAnswer implements AnswerState {
  readonly ops: CapOps;
  readonly subject: unknown;
  status: AnswerState['status'] = 'pending';
  value: unknown = undefined;
  source: ValueSource | undefined = undefined;
  failure: ErrorState | undefined = undefined;
  onSettle: AnswerState['onSettle'] = undefined;
  resolve: unknown = undefined;
  reject: unknown = undefined;
  called: unknown = undefined;
  previous: AnswerState | undefined = undefined;
  following: AnswerState | undefined = undefined;

  constructor(ops: CapOps, subject: unknown) {
    this.ops = ops;
    this.subject = subject;
  }
}

class NeutralLink implements PathLink {
  readonly parent: string | PathLink;
  readonly key: string;

  constructor(parent: string | PathLink, key: string) {
    this.parent = parent;
    this.key = key;
  }
}

class NeutralExport implements ExportState {
  readonly kind: ExportKind;
  readonly text: string;
  readonly value: unknown;
  readonly detail: string;
  readonly next: ExportState | undefined;

  constructor(kind: ExportKind, text: string, value: unknown, detail: string, next: ExportState | undefined) {
    this.kind = kind;
    this.text = text;
    this.value = value;
    this.detail = detail;
    this.next = next;
  }
}

class NeutralEncoded implements EncodedState {
  readonly value: unknown;
  readonly source: ValueSource;
  readonly markers: MarkerState | undefined;

  constructor(value: unknown, source: ValueSource, markers: MarkerState | undefined) {
    this.value = value;
    this.source = source;
    this.markers = markers;
  }
}

class NeutralMarker implements MarkerState {
  readonly marker: object;
  readonly state: ExportState;
  readonly next: MarkerState | undefined;

  constructor(marker: object, state: ExportState, next: MarkerState | undefined) {
    this.marker = marker;
    this.state = state;
    this.next = next;
  }
}

class NeutralValueSource implements ValueSource {
  readonly kindOf: ValueSource['kindOf'];
  readonly exportValue: ValueSource['exportValue'];
  readonly encode: ValueSource['encode'];

  constructor(
    kindOf: ValueSource['kindOf'],
    exportValue: ValueSource['exportValue'],
    encode: ValueSource['encode'],
  ) {
    this.kindOf = kindOf;
    this.exportValue = exportValue;
    this.encode = encode;
  }
}

class NeutralOps implements CapOps {
  readonly call: CapOps['call'];
  readonly get: CapOps['get'];
  readonly hold: CapOps['hold'];
  readonly drop: CapOps['drop'];
  readonly watch: CapOps['watch'];

  constructor({ call, get, hold, drop, watch }: CapOps) {
    this.call = call;
    this.get = get;
    this.hold = hold;
    this.drop = drop;
    this.watch = watch;
  }
}

const records = [
  NeutralCap,
  NeutralAnswer,
  NeutralLink,
  NeutralExport,
  NeutralEncoded,
  NeutralMarker,
  NeutralValueSource,
  NeutralOps,
];
for (const record of records) {
  delete (record.prototype as { constructor?: unknown }).constructor;
  Object.freeze(Object.setPrototypeOf(record.prototype, null));
}

/** The factories, for hosts and (through the host API) for preludes. */
export const neutralRpc: RpcHost = Object.freeze({
  __proto__: null,
  cap: (ops, subject) => new NeutralCap(ops, subject),
  answer: (ops, subject) => new NeutralAnswer(ops, subject),
  link: (parent, key) => new NeutralLink(parent, key),
  exported: (kind, text, value, detail, next) => new NeutralExport(kind, text, value, detail, next),
  encoded: (value, source, markers) => new NeutralEncoded(value, source, markers),
  marker: (marker, state, next) => new NeutralMarker(marker, state, next),
  source: (kindOf, exportValue, encode) => new NeutralValueSource(kindOf, exportValue, encode),
  ops: (call, get, hold, drop, watch) => new NeutralOps({ call, get, hold, drop, watch }),
} satisfies RpcHost & { __proto__: null });
