/** What a copy needs to know of the realm that its values come from. Types only. */

import type { Kind } from './kinds.ts';

/** Where the values come from. */
export interface CopySource {
  /** kinds.ts of the realm of the values. */
  readonly kindOf: (value: object) => Kind;
  /**
   * Copies a function or an object of a platform interface. Returns undefined where it cannot cross, which is an error with the
   * value's path.
   */
  readonly copyPlatform: (value: object, kind: 'function' | 'platform') => object | undefined;
  /** The copy of an error, still without what it holds, where it is not to be made from the error itself. */
  readonly errorOf?: (error: object) => object | undefined;
  /** What errors hold becomes enumerable, for a copy that is to be copied again by somebody who sees nothing else. */
  readonly openErrors?: boolean;
  /** Errors keep their name, and own enumerable fields, beyond what the standard asks for. */
  readonly wholeErrors: boolean;
}
