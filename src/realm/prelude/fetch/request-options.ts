/** What code can ask of a request beside method, headers and body, and what holds where it asks nothing. */

/** https://fetch.spec.whatwg.org/#concept-request-redirect-mode */
export type RedirectMode = 'follow' | 'error' | 'manual';

/** What code can ask of a request beside method, headers and body. */
export interface RequestOptions {
  referrer: string;
  referrerPolicy: string;
  mode: string;
  credentials: string;
  cache: string;
  integrity: string;
  keepalive: boolean;
}

export const DEFAULT_OPTIONS: Readonly<RequestOptions> = {
  referrer: 'about:client',
  referrerPolicy: '',
  mode: 'cors',
  credentials: 'same-origin',
  cache: 'default',
  integrity: '',
  keepalive: false,
};
