/**
 * What went wrong with an exchange, as the table has it, and as a worker sees it: a TypeError "fetch failed: ...", with the code.
 * Of the operating system's and the HTTP client's errors only the code is shown: their texts name addresses. Runs in a thread.
 */

import { neutral } from '../../realm/neutral.ts';
import type { ErrorState } from '../../realm/prelude/state.ts';
import { makeError, NanodError } from '../../shared/errors.ts';
import type { NetworkLimits } from './limits.ts';
import { StaleConnection } from './stale-connection.ts';

/** The neutral error of a failed fetch. https://fetch.spec.whatwg.org/#concept-network-error */
export function toFetchError(error: NanodError): ErrorState {
  return neutral.error('error', 'TypeError', `fetch failed: ${error.message}`, '', error.code);
}

const socketReasons: Readonly<Record<string, string>> = Object.freeze({
  EAI_AGAIN: 'its name cannot be looked up at present (EAI_AGAIN)',
  ECONNREFUSED: 'it refuses the connection (ECONNREFUSED)',
  ECONNRESET: 'it closed the connection (ECONNRESET)',
  EACCES: 'there is no permission to connect to its socket (EACCES)',
  EHOSTUNREACH: 'there is no way to it (EHOSTUNREACH)',
  EMFILE: 'this process has too many files and connections open (EMFILE)',
  ENETUNREACH: 'there is no way to its network (ENETUNREACH)',
  ENOENT: 'there is no such socket (ENOENT)',
  ENOTFOUND: 'there is no such host (ENOTFOUND)',
});

/** The name lookup or the TCP connection failed. */
export function connectFailure(server: string, error: Error, limits: NetworkLimits): NanodError {
  const code = codeOf(error);
  if (code === 'ETIMEDOUT') return connectTimeout(server, limits);
  return makeError('NETWORK_UNREACHABLE', {
    server,
    reason: socketReasons[code] ?? `the connection failed (${code})`,
  });
}

export function connectTimeout(server: string, limits: NetworkLimits): NanodError {
  const seconds = limits.connectTimeout / 1000;
  return makeError('NETWORK_TIMEOUT', { server, what: 'was not connected to', seconds });
}

/** The TLS handshake failed. OpenSSL's reasons name no address. */
export function tlsFailure(server: string, error: Error): NanodError {
  const code = codeOf(error);
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return makeError('NETWORK_TLS', { server, reason: `its certificate is for another host (${code})` });
  }
  const isCertificate = /CERT|ISSUER|SIGNATURE|CRL/u.test(code);
  const reason = isCertificate ? 'its certificate is not trusted' : 'the handshake failed';
  return makeError('NETWORK_TLS', { server, reason: `${reason} (${code})` });
}

/** What the HTTP client says about an exchange. The connector's own errors are of the table already. */
export function exchangeFailure(server: string, error: Error, limits: NetworkLimits): NanodError {
  if (error instanceof NanodError) return error;
  if (error instanceof StaleConnection) return exchangeFailure(server, error.cause, limits);
  const code = codeOf(error);
  switch (code) {
    case 'UND_ERR_HEADERS_TIMEOUT':
      return makeError('NETWORK_TIMEOUT', {
        server,
        what: 'did not answer',
        seconds: limits.headersTimeout / 1000,
      });
    case 'UND_ERR_BODY_TIMEOUT':
      return makeError('NETWORK_TIMEOUT', {
        server,
        what: 'sent no more of its answer',
        seconds: limits.bodyTimeout / 1000,
      });
    case 'UND_ERR_INVALID_ARG':
    case 'UND_ERR_NOT_SUPPORTED':
      return makeError('NETWORK_REQUEST', { server, reason: error.message });
    case 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH':
      return makeError('NETWORK_REQUEST', { server, reason: 'its body is not as long as was announced' });
    case 'UND_ERR_HEADERS_OVERFLOW':
      return makeError('NETWORK_ANSWER', {
        server,
        reason: `has headers of more than ${limits.headerBytes} bytes`,
      });
    case 'UND_ERR_DESTROYED':
    case 'UND_ERR_CLOSED':
      return makeError('NETWORK_UNREACHABLE', { server, reason: 'the network service is closed' });
    default:
      return makeError('NETWORK_ANSWER', {
        server,
        reason: error.name === 'HTTPParserError' ? malformed(error) : `broke off (${code})`,
      });
  }
}

/** llhttp's own words stand in parentheses at the end. */
function malformed(error: Error): string {
  const [, what] = /\(([^()]+)\)$/u.exec(error.message) ?? [];
  return what === undefined ? 'is not valid HTTP' : `is not valid HTTP (${what})`;
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
