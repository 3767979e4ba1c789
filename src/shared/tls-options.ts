/** How TLS is spoken, as a configuration says it and as threads are told. Plain data; runs anywhere. */

/** A certificate chain (the leaf first) and its private key, both in PEM. The key is a secret: it belongs in no log and no listing. */
export interface Keypair {
  readonly certificate: string;
  readonly privateKey: string;
}

/** The versions that can be asked for, as Node.js names them. */
export const tlsVersions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;

export type TlsVersion = (typeof tlsVersions)[number];

/** Of the side that opens connections. */
export interface ClientTls {
  /** What it presents to servers that ask for a certificate. */
  readonly keypair: Keypair | undefined;
  /** Whether the certificate authorities that browsers trust are trusted. */
  readonly trustBrowserCas: boolean;
  /** Certificates in PEM that are trusted as well. */
  readonly trustedCertificates: readonly string[];
  /** The runtime's choice when absent. */
  readonly minVersion: TlsVersion | undefined;
  /** In OpenSSL's notation; the runtime's choice when absent. */
  readonly cipherList: string | undefined;
}

/** For whoever says nothing of it. */
export const defaultClientTls: ClientTls = Object.freeze({
  keypair: undefined,
  trustBrowserCas: true,
  trustedCertificates: Object.freeze([]),
  minVersion: undefined,
  cipherList: undefined,
});
