/** The type of a binding. Types only. */

/** A binding to another service: `env.NAME`. */
export interface Fetcher {
  /** Calls the service. Its host is whatever the URL says: the binding alone decides who answers. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
}
