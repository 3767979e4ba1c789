/** Method calls over a channel, in both directions, and the capabilities that they pass. */

import type {
  CallMessage,
  CallTarget,
  ChannelMessage,
  PayloadMessage,
  ReturnMessage,
} from '../../../messages/channel.ts';
import type {
  CapState,
  OnSettle,
  Outcome,
  PathState,
  ValueSource,
} from '../../../realm/prelude/rpc/rpc-state.ts';
import type { ErrorState, TargetState } from '../../../realm/prelude/state.ts';
import { refused } from '../../../services/deferred.ts';
import type { Send } from '../outgoing-streams.ts';
import { AskedCalls } from './asked-calls.ts';
import { Capabilities, importedOf } from './capabilities.ts';
import type { ChannelLimits } from '../trust.ts';
import { serviceOfCap } from './passed-services.ts';
import { type SpecialsCodec, threadValues } from './payload.ts';
import { ServedCalls } from './served-calls.ts';
import { makeSpecialsCodec, type SpecialsPowers } from './specials.ts';

export interface RpcPowers extends Omit<SpecialsPowers, 'capabilities' | 'brokenCap' | 'sharesServices'> {
  readonly send: Send;
  readonly limits: ChannelLimits;
  /** Whether calls of the other side are counted on this one. */
  readonly isCounted: boolean;
}

export class RpcCalls {
  readonly #asked: AskedCalls;
  readonly #served: ServedCalls;
  readonly #capabilities: Capabilities;
  readonly #lost: () => ErrorState;
  readonly #codec: SpecialsCodec;
  #isClosed = false;

  constructor(powers: RpcPowers) {
    const { limits, lost } = powers;
    this.#lost = lost;
    const send: Send = (message, transfers) => {
      if (!this.#isClosed) powers.send(message, transfers);
    };
    this.#capabilities = new Capabilities(
      {
        call: (cap, path, args, source) => this.#callCap(cap, path, args, source),
        get: (cap, path) => this.#callCap(cap, path, undefined, undefined),
      },
      (message) => send(message, []),
      limits,
    );
    const codec = makeSpecialsCodec({
      ...powers,
      capabilities: this.#capabilities,
      sharesServices: powers.values === threadValues,
      brokenCap: () => refused(lost()),
    });
    this.#codec = codec;
    const shared = { send, codec, lost, limits };
    this.#asked = new AskedCalls(shared);
    this.#served = new ServedCalls({
      ...shared,
      target: powers.target,
      mapStack: powers.mapStack,
      isCounted: powers.isCounted,
      exported: (id) => this.#capabilities.exported(id),
    });
  }

  /** What the two threads keep for each other here: calls under way, results, capabilities. */
  get held(): number {
    return this.#asked.size + this.#served.size + this.#capabilities.size;
  }

  /** Calls under way, in both directions. */
  get underWay(): number {
    return this.#asked.size + this.#served.underWay;
  }

  /** A service of this side that the other one holds. */
  service(id: number): TargetState | undefined {
    const cap = this.#capabilities.exported(id);
    return cap && serviceOfCap(cap);
  }

  /** A call of this side cannot be sent. */
  failCall({ id, args }: CallMessage, error: ErrorState): void {
    this.#takeBack(args);
    this.#asked.fail(id, error);
  }

  /** A result of this side cannot be sent: the other one is told that instead. */
  refuseReturn(message: ReturnMessage, error: ErrorState): void {
    this.#takeBack(message.payload);
    this.#served.refuse(message, error);
  }

  /** Calls an entrypoint of the other thread; without `args`, reads a property. */
  call(
    target: CallTarget,
    path: PathState,
    args: readonly unknown[] | undefined,
    source: ValueSource | undefined,
  ): Outcome {
    return this.#asked.call(target, path, args, source);
  }

  /** Returns false for a message that is not about method calls. */
  receive(message: ChannelMessage): boolean {
    switch (message.type) {
      case 'call':
        this.#served.serve(message);
        return true;
      case 'return':
        this.#asked.settle(message);
        return true;
      case 'call-drop':
        this.#served.abandon(message);
        return true;
      case 'call-forget':
        this.#served.forget(message);
        return true;
      default:
        return this.#receiveOfCapability(message);
    }
  }

  #receiveOfCapability(message: ChannelMessage): boolean {
    switch (message.type) {
      case 'release':
        this.#capabilities.released(message);
        return true;
      case 'watch':
        this.#capabilities.watched(message);
        return true;
      case 'broken':
        this.#capabilities.broken(message);
        return true;
      default:
        return false;
    }
  }

  /** All messages of a batch have been received. */
  endBatch(): void {
    this.#asked.flush();
  }

  /** A realm of this thread is going, and takes no results any more. */
  abandon(onSettle: OnSettle): void {
    this.#asked.abandon(onSettle);
  }

  /** The channel is gone. */
  close(): void {
    this.#isClosed = true;
    const failure = this.#lost();
    this.#asked.close(failure);
    this.#served.close();
    this.#capabilities.close(failure);
  }

  #takeBack(payload: PayloadMessage | undefined): void {
    if (payload?.kind === 'encoded') this.#codec.takeBack(payload.specials);
  }

  #callCap(
    cap: CapState,
    path: PathState,
    args: readonly unknown[] | undefined,
    source: ValueSource | undefined,
  ): Outcome {
    return this.#asked.call({ kind: 'cap', cap: importedOf(cap).id }, path, args, source);
  }
}
