/** What a thread tells the supervisor when a service of it has crashed. */

/**
 * Why: an error that nobody caught and no request is to blame for, or a top level that failed. Texts were made inside the realm; they are data.
 */
export interface CrashMessage {
  readonly kind: 'uncaught' | 'evaluation';
  readonly service: string;
  readonly version: string;
  readonly thread: number;
  /** Where nobody caught it: `timer`, `unhandledrejection`, … */
  readonly source: string;
  readonly name: string;
  readonly message: string;
  /** With positions of the sources. */
  readonly stack: string;
}
