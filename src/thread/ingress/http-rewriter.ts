/** What a socket changes on requests that come in and on responses that leave, as its configuration says. Header lists are in crossing form. */

import { neutral } from '../../realm/neutral.ts';
import type { HeaderSpec, HttpSpec } from '../../messages/startup.ts';
import type { ResponseState } from '../../realm/prelude/state.ts';

/** What becomes of a request. */
export interface RewrittenRequest {
  readonly headers: string;
  readonly scheme: string;
  /** JSON of `cf`, or ''. */
  readonly cf: string;
}

/** Values by name, in order. */
type Fields = readonly (readonly [name: string, value: string])[];

export class HttpRewriter {
  /** Requests name what they want by a whole URL. */
  readonly isProxy: boolean;
  readonly #spec: HttpSpec;

  constructor(spec: HttpSpec) {
    this.#spec = spec;
    this.isProxy = spec.style === 'proxy';
  }

  /** Undefined for a request that a proxy in front would not have sent. `scheme`: of the connection. */
  request(headers: string, scheme: string): RewrittenRequest | undefined {
    const { forwardedProtoHeader, cfBlobHeader, injectRequestHeaders } = this.#spec;
    let fields = parse(headers);
    let shown = scheme;
    let cf = '';
    if (forwardedProtoHeader !== undefined && !this.isProxy) {
      const said = valuesOf(fields, forwardedProtoHeader);
      fields = without(fields, forwardedProtoHeader);
      if (said.length > 0) {
        // Proxies append; what the nearest one says comes last.
        shown = (said.join(',').split(',').at(-1) ?? '').trim().toLowerCase();
        if (shown !== 'http' && shown !== 'https') return undefined;
      }
    }
    if (cfBlobHeader !== undefined) {
      const blobs = valuesOf(fields, cfBlobHeader);
      fields = without(fields, cfBlobHeader);
      cf = blobs[0] ?? '';
      if (blobs.length > 1 || (blobs.length === 1 && !isJsonObject(cf))) return undefined;
    }
    return { headers: format(inject(fields, injectRequestHeaders)), scheme: shown, cf };
  }

  /** The response as it is to be sent. */
  response(response: ResponseState): ResponseState {
    const headers = this.responseHeaders(response.headers);
    const { status, statusText, body, webSocket } = response;
    return neutral.response(status, statusText, headers, body, webSocket);
  }

  responseHeaders(headers: string): string {
    const { injectResponseHeaders } = this.#spec;
    return injectResponseHeaders.length === 0
      ? headers
      : format(inject(parse(headers), injectResponseHeaders));
  }
}

/** The headers with this one in place of those of its name. */
export function withHeader(headers: string, name: string, value: string): string {
  return format(inject(parse(headers), [{ name, value }]));
}

function parse(headers: string): Fields {
  const lines = headers.split('\n');
  const fields: [string, string][] = [];
  for (let i = 0; i + 1 < lines.length; i += 2) fields.push([lines[i] as string, lines[i + 1] as string]);
  return fields;
}

function format(fields: Fields): string {
  return fields.map(([name, value]) => `${name}\n${value}\n`).join('');
}

function valuesOf(fields: Fields, name: string): string[] {
  return fields.filter(([each]) => each === name).map(([, value]) => value);
}

function without(fields: Fields, name: string): Fields {
  return fields.filter(([each]) => each !== name);
}

function inject(fields: Fields, headers: readonly HeaderSpec[]): Fields {
  const replaced = new Set(headers.map(({ name }) => name));
  const added = headers.flatMap(({ name, value }) => (value === null ? [] : [[name, value] as const]));
  return [...fields.filter(([name]) => !replaced.has(name)), ...added];
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
