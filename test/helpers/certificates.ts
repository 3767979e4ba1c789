/**
 * X.509 certificates made on the spot (https://www.rfc-editor.org/rfc/rfc5280#section-4.1), so that no test depends on a tool, or on a
 * certificate that ends one day.
 */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export interface Authority {
  /** PEM. */
  readonly certificate: string;
  readonly key: KeyObject;
  readonly name: string;
}

export interface MadeKeypair {
  readonly certificate: string;
  readonly privateKey: string;
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = rest.flatMap((number) => {
    const digits = [number & 0x7f];
    for (let left = number >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
    return digits;
  });
  return der(0x06, Buffer.from([first * 40 + second, ...bytes]));
}

function time(date: Date): Buffer {
  const text = date.toISOString().replace(/[-:T]|\.\d+/gu, '');
  return der(0x18, Buffer.from(text));
}

const commonName = (name: string): Buffer =>
  sequence(der(0x31, sequence(oid('2.5.4.3'), der(0x0c, Buffer.from(name)))));
const algorithm = sequence(oid('1.2.840.10045.4.3.2'));
const day = 24 * 60 * 60 * 1000;

function extension(id: string, value: Uint8Array): Buffer {
  return sequence(oid(id), der(0x04, value));
}

function pem(label: string, bytes: Uint8Array): string {
  const lines = Buffer.from(bytes).toString('base64').replace(/.{64}/gu, '$&\n').trimEnd();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

function certify(
  subject: string,
  publicKey: KeyObject,
  issuer: Pick<Authority, 'key' | 'name'>,
  extensions: readonly Uint8Array[],
): string {
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(8)]);
  const now = Date.now();
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    algorithm,
    commonName(issuer.name),
    sequence(time(new Date(now - day)), time(new Date(now + day))),
    commonName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', body, issuer.key);
  return pem('CERTIFICATE', sequence(body, algorithm, der(0x03, Buffer.from([0]), signature)));
}

function makeKeys(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** An authority that signs itself. */
export function makeAuthority(name = 'nanod test authority'): Authority {
  const { publicKey, privateKey } = makeKeys();
  const isAuthority = extension('2.5.29.19', sequence(der(0x01, Buffer.from([0xff]))));
  return {
    certificate: certify(name, publicKey, { key: privateKey, name }, [isAuthority]),
    key: privateKey,
    name,
  };
}

/** A certificate for these hosts (names, or IPv4 addresses), with its key. */
export function makeKeypair(authority: Authority, ...hosts: readonly string[]): MadeKeypair {
  const { publicKey, privateKey } = makeKeys();
  const names = hosts.map((host) =>
    /^[\d.]+$/u.test(host)
      ? der(0x87, Buffer.from(host.split('.').map(Number)))
      : der(0x82, Buffer.from(host)),
  );
  const certificate = certify(hosts[0] ?? '', publicKey, authority, [
    extension('2.5.29.17', sequence(...names)),
  ]);
  return { certificate, privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}
