/** Neutral state of what went wrong. Types only. */

/** An error as it crosses realms: text only. `kind` says which class the receiver makes of it. */
export interface ErrorState {
  readonly kind: 'error' | 'domexception';
  /** `'TypeError'`, ... or the DOMException's name. */
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** A code of the error table, where nanod itself raised the error; else ''. */
  readonly code: string;
}
