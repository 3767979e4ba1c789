/** An error of pooled connections, apart from them: who tells errors apart need not load the HTTP client. Runs in a thread. */

/** The connection was an old one, and closed before anything of this answer came. */
export class StaleConnection extends Error {
  override readonly name = 'StaleConnection';
  override readonly cause: Error;

  constructor(cause: Error) {
    super('the connection was closed while it was idle');
    this.cause = cause;
  }
}
