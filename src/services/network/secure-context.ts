/** What connections to servers are encrypted with, made of the options of a configuration. Runs in a thread. */

import {
  createSecureContext,
  getCACertificates,
  type SecureContext,
  type SecureContextOptions,
} from 'node:tls';
import type { ClientTls } from '../../shared/tls-options.ts';

/** To be made once for many connections: it parses every certificate that it trusts. Throws for what is no PEM. */
export function makeSecureContext(tls: ClientTls): SecureContext {
  const { keypair, minVersion, cipherList } = tls;
  const options: SecureContextOptions = {};
  const ca = authorities(tls);
  if (ca !== undefined) options.ca = ca;
  if (keypair !== undefined) Object.assign(options, { cert: keypair.certificate, key: keypair.privateKey });
  if (minVersion !== undefined) options.minVersion = minVersion;
  if (cipherList !== undefined) options.ciphers = cipherList;
  return createSecureContext(options);
}

/** Undefined for those of the runtime, which it need not parse each time. */
function authorities({ trustBrowserCas, trustedCertificates }: ClientTls): string[] | undefined {
  if (!trustBrowserCas) return [...trustedCertificates];
  return trustedCertificates.length === 0
    ? undefined
    : [...getCACertificates('default'), ...trustedCertificates];
}
