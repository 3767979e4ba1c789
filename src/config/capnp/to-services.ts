/** Networks and external servers of a capnp file in dialect 1. Runs in the supervisor. */
import { plain, record } from '../traced.ts';
import type { Traced } from '../traced.ts';
import { convertClientTls, convertHttp, isUnix, withPort } from './to-protocols.ts';
import type { Protocol } from './to-protocols.ts';
import type { Translator } from './translator.ts';
import type { Value } from './values.ts';

export function convertNetwork(
  name: Traced | undefined,
  network: Value,
  service: Value,
  translator: Translator,
): Traced {
  const { allow, deny, tlsOptions } = translator.fields(network);
  return record(
    [
      ['name', name],
      ['kind', plain('network', translator.origin(service))],
      ['allow', translator.texts(allow)],
      ['deny', translator.texts(deny)],
      ['tls', convertClientTls(tlsOptions, translator)],
    ],
    translator.origin(service),
  );
}

export function convertExternal(
  name: Traced | undefined,
  external: Value,
  service: Value,
  translator: Translator,
): Traced {
  const { address, http, https, tcp } = translator.fields(external);
  const protocol: Protocol = https !== undefined ? 'https' : tcp !== undefined ? 'tcp' : 'http';
  const { options, tlsOptions, certificateHost } = translator.fields(https ?? tcp);
  return record(
    [
      ['name', name],
      ['kind', plain('external', translator.origin(service))],
      ['address', convertAddress(address, protocol, translator)],
      ['protocol', plain(protocol, translator.origin(https ?? tcp ?? http ?? external))],
      ['tls', convertClientTls(tlsOptions, translator)],
      ['certificateHost', translator.text(certificateHost)],
      ...convertHttp(http ?? options, translator),
    ],
    translator.origin(service),
  );
}

function convertAddress(
  address: Value | undefined,
  protocol: Protocol,
  translator: Translator,
): Traced | undefined {
  const text = translator.string(address);
  if (address === undefined || text === undefined) return translator.text(address);
  const url = isUnix(text) ? text : `${protocol}://${withPort(text, protocol)}`;
  return plain(url, translator.origin(address));
}
