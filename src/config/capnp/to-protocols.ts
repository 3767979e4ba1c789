/** Addresses, HTTP options and TLS options of a capnp file in dialect 1. Runs in the supervisor. */
import { isIPv6 } from 'node:net';
import { list, plain, record } from '../traced.ts';
import type { Traced } from '../traced.ts';
import type { Translator } from './translator.ts';
import type { Value } from './values.ts';

export type Protocol = 'http' | 'https' | 'tcp';

const defaultPorts: Readonly<Record<Protocol, number | undefined>> = { http: 80, https: 443, tcp: undefined };

/** An address with the port that workerd takes for granted, and with brackets where IPv6 needs them. */
export function withPort(text: string, protocol: Protocol): string {
  if (isUnix(text)) return text;
  const host = isIPv6(text) ? `[${text}]` : text;
  const port = defaultPorts[protocol];
  const hasPort = /:\d*$/u.test(host) && !host.endsWith(']');
  return hasPort || port === undefined ? host : `${host}:${port}`;
}

export function isUnix(address: string): boolean {
  return /^unix(?:-abstract)?:/u.test(address);
}

export function listenAddress(
  address: Value | undefined,
  protocol: Protocol,
  translator: Translator,
): Traced | undefined {
  const text = translator.string(address);
  if (address === undefined || text === undefined) return translator.text(address);
  return plain(withPort(text, protocol), translator.origin(address));
}

/** The fields of a socket or an external server that come from `HttpOptions`. */
export function convertHttp(
  options: Value | undefined,
  translator: Translator,
): [string, Traced | undefined][] {
  const fields = translator.fields(options);
  translator.later(
    fields['capnpConnectHost'],
    'the field "capnpConnectHost"',
    'between two nanods, a socket takes method calls with `rpc`',
  );
  return [
    ['style', translator.word(fields['style'])],
    ['forwardedProtoHeader', translator.text(fields['forwardedProtoHeader'])],
    ['cfBlobHeader', translator.text(fields['cfBlobHeader'])],
    ['injectRequestHeaders', convertHeaders(fields['injectRequestHeaders'], translator)],
    ['injectResponseHeaders', convertHeaders(fields['injectResponseHeaders'], translator)],
  ];
}

/** `{ name: value }`; a header without a value is removed, which is `null`. */
function convertHeaders(headers: Value | undefined, translator: Translator): Traced | undefined {
  if (headers === undefined) return undefined;
  const members = new Map<string, Traced>();
  for (const header of translator.list(headers)) {
    const { name, value } = translator.fields(header);
    const key = translator.string(name);
    if (key === undefined) {
      translator.refuse(header, '( name, value )', 'a header without a name');
      continue;
    }
    members.set(key, translator.text(value) ?? plain(null, translator.origin(header)));
  }
  return record(members, translator.origin(headers));
}

const versions: Readonly<Record<string, string>> = {
  tls1Dot0: 'TLSv1',
  tls1Dot1: 'TLSv1.1',
  tls1Dot2: 'TLSv1.2',
  tls1Dot3: 'TLSv1.3',
};

/** What `TlsOptions` say on either side. */
function commonTls(tls: Value | undefined, translator: Translator): [string, Traced | undefined][] {
  const { keypair, trustedCertificates, minVersion, cipherList } = translator.fields(tls);
  const { privateKey, certificateChain } = translator.fields(keypair);
  const certificates =
    trustedCertificates &&
    list(
      translator.list(trustedCertificates).map((each) => translator.source(each) ?? translator.wrong(each)),
      translator.origin(trustedCertificates),
    );
  return [
    [
      'keypair',
      keypair &&
        record(
          [
            ['certificate', translator.source(certificateChain)],
            ['privateKey', translator.source(privateKey)],
          ],
          translator.origin(keypair),
        ),
    ],
    ['trustedCertificates', certificates],
    ['minVersion', convertVersion(minVersion, translator)],
    ['cipherList', translator.text(cipherList)],
  ];
}

function convertVersion(value: Value | undefined, translator: Translator): Traced | undefined {
  if (value?.kind !== 'enum') return value && translator.wrong(value);
  if (value.value === 'goodDefault') return undefined;
  const version = versions[value.value];
  return version === undefined
    ? translator.later(
        value,
        `the TLS version ${value.value}`,
        'no client or server should speak it any more',
      )
    : plain(version, translator.origin(value));
}

/** TLS of a connection that is opened. workerd trusts nobody that it is not told to trust. */
export function convertClientTls(tls: Value | undefined, translator: Translator): Traced | undefined {
  if (tls === undefined) return undefined;
  const { trustBrowserCas } = translator.fields(tls);
  const trust = translator.flag(trustBrowserCas) ?? plain(false, translator.origin(tls));
  return record([...commonTls(tls, translator), ['trustBrowserCas', trust]], translator.origin(tls));
}

/** TLS of a socket. */
export function convertServerTls(
  tls: Value | undefined,
  socket: Value | undefined,
  translator: Translator,
): Traced | undefined {
  const owner = tls ?? socket;
  if (owner === undefined) return undefined;
  const { requireClientCerts, trustBrowserCas } = translator.fields(tls);
  return record(
    [
      ...commonTls(tls, translator),
      ['requireClientCerts', translator.flag(requireClientCerts)],
      ['trustBrowserCas', translator.flag(trustBrowserCas)],
    ],
    translator.origin(owner),
  );
}
