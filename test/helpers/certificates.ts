/** Certificates made for one test: an authority, and what it vouches for. ECDSA with P-256, valid from yesterday until tomorrow. */

import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import type { Keypair } from '../../src/shared/tls-options.ts';

export interface Authority extends Keypair {
  /** A certificate for host names and IPv4 addresses, with its key. */
  issue(...hosts: readonly string[]): Keypair;
}

export function makeAuthority(name = 'authority of a test'): Authority {
  const { privateKey, pem } = makeKey();
  const issuer = { name, privateKey };
  const certificate = makeCertificate({ name, key: privateKey, issuer, extensions: [authorityExtension] });
  return {
    certificate,
    privateKey: pem,
    issue(...hosts) {
      const leaf = makeKey();
      const extensions = [alternativeNames(hosts)];
      return {
        certificate: makeCertificate({ name: hosts[0] ?? '', key: leaf.privateKey, issuer, extensions }),
        privateKey: leaf.pem,
      };
    },
  };
}

function makeKey(): { privateKey: KeyObject; pem: string } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey, pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

interface CertificateInit {
  readonly name: string;
  readonly key: KeyObject;
  readonly issuer: { readonly name: string; readonly privateKey: KeyObject };
  readonly extensions: readonly Buffer[];
}

/** https://www.rfc-editor.org/rfc/rfc5280#section-4.1 */
function makeCertificate({ name, key, issuer, extensions }: CertificateInit): string {
  const day = 86_400_000;
  const algorithm = sequence(oid('2a8648ce3d040302')); // ecdsa-with-SHA256
  const body = sequence(
    der(0xa0, der(2, Buffer.from([2]))), // version 3
    der(2, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    distinguishedName(issuer.name),
    sequence(time(Date.now() - day), time(Date.now() + day)),
    distinguishedName(name),
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', body, issuer.privateKey);
  const bytes = sequence(body, algorithm, der(3, Buffer.concat([Buffer.from([0]), signature])));
  const lines = bytes.toString('base64').match(/.{1,64}/gu) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

const authorityExtension = extension('551d13', sequence(der(1, Buffer.from([0xff]))));

function alternativeNames(hosts: readonly string[]): Buffer {
  const names = hosts.map((host) =>
    isIP(host) === 4 ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host)),
  );
  return extension('551d11', sequence(...names));
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), der(4, value));
}

function distinguishedName(name: string): Buffer {
  return sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))));
}

function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replace(/\D/gu, '');
  return der(0x18, Buffer.from(`${digits.slice(0, 14)}Z`));
}

function oid(hex: string): Buffer {
  return der(6, Buffer.from(hex, 'hex'));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
