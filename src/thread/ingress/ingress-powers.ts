/** What an ingress is handed by its thread. Types only. */

import type { DesignatorSpec, IngressLimits } from '../../messages/startup.ts';
import type { ErrorState, TargetState } from '../../realm/prelude/state.ts';
import type { LinkPowers } from '../link/link-powers.ts';

export interface IngressPowers {
  /** The way to a service, from the socket of a name. */
  readonly target: (to: DesignatorSpec, socket: string) => TargetState;
  /** Code of a service is about to run. */
  readonly onEnter: (service: string) => void;
  readonly limits: IngressLimits;
  /** For connections of other servers that call methods. */
  readonly links: LinkPowers;
  /** Unique within the process. */
  readonly nextRequestId: () => string;
  /** Called when a request or a connection ends; a drain looks whether it was the last. */
  readonly onIdle: () => void;
  /** `service`: whose affair it is; `error`: what its body failed with. */
  readonly log: (level: number, text: string, service: string, error?: ErrorState) => void;
}
