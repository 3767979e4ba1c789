/** Algorithm normalization. https://w3c.github.io/webcrypto/#algorithm-normalization-normalize-an-algorithm */

import { isUint8Array } from '../bytes.ts';
import { newDOMException } from '../errors/dom-exception.ts';
import { TypeErrorCtor } from '../primordials.ts';
import { toDOMString, toEnforcedRange } from '../webidl.ts';
import { type Operation, registeredAlgorithm } from './algorithms.ts';
import {
  type AlgorithmIdentifier,
  bytesOf,
  type CheckedBytes,
  toAlgorithm,
  toBufferSource,
  toKey,
} from './arguments.ts';
import type { KeyState } from './crypto-key.ts';
import { DICTIONARIES, type Member } from './dictionaries.ts';
import { type Field, type Fields, newFields, type Parcel } from './parcel.ts';

/** An algorithm as the host takes it, under the registry's name. */
export interface NormalizedAlgorithm extends Fields {
  name: string;
}

/**
 * Converts what a worker gave. Bytes are copied into the parcel, after everything of the worker's that this runs. Throws a
 * NotSupportedError for an algorithm that does not have the operation, and a TypeError for parameters of a wrong type.
 */
export function normalizeAlgorithm(
  algorithm: AlgorithmIdentifier,
  operation: Operation,
  parcel: Parcel,
  where: string,
): NormalizedAlgorithm {
  const source = typeof algorithm === 'string' ? undefined : (algorithm as Record<string, unknown>);
  const given = source === undefined ? (algorithm as string) : toName(source['name'], where);
  const registered = registeredAlgorithm(given, operation);
  if (registered === undefined) {
    const what = operation === 'hash' ? 'hash' : `algorithm for ${operation}`;
    throw newDOMException(`${where}: "${given}" is no supported ${what}.`, 'NotSupportedError');
  }
  const fields = newFields() as NormalizedAlgorithm;
  fields.name = registered.name;
  const dictionary = registered.operations[operation];
  if (dictionary !== null && dictionary !== undefined) {
    const members = DICTIONARIES[dictionary];
    const values = newFields() as Record<string, unknown>;
    readMembers(members, source, values, where);
    for (let i = 0; i < members.length; i++) {
      const member = members[i] as Member;
      const value = values[member.key];
      if (value !== undefined) fields[member.key] = toField(member, value, parcel, where);
    }
  }
  return fields;
}

/** The name of an algorithm that is given as an object. */
export function toName(value: unknown, where: string): string {
  if (value === undefined) throw new TypeErrorCtor(`${where}: the algorithm has no name.`);
  return toDOMString(value);
}

function readMembers(
  members: readonly Member[],
  source: Record<string, unknown> | undefined,
  values: Record<string, unknown>,
  where: string,
): void {
  for (let i = 0; i < members.length; i++) {
    const member = members[i] as Member;
    const value = source?.[member.key];
    const place = `${where}: ${member.key} of the algorithm`;
    if (value !== undefined) values[member.key] = convert(member, value, place);
    else if (member.required) throw new TypeErrorCtor(`${place} is missing.`);
  }
}

function convert(member: Member, value: unknown, place: string): unknown {
  switch (member.type) {
    case 'BigInteger':
      if (!isUint8Array(value)) throw new TypeErrorCtor(`${place} is not a Uint8Array.`);
      return toBufferSource(value, place);
    case 'BufferSource':
      return toBufferSource(value, place);
    case 'CryptoKey':
      return toKey(value, place);
    case 'DOMString':
      return toDOMString(value);
    case 'HashAlgorithmIdentifier':
      return toAlgorithm(value);
    case 'octet':
      return toEnforcedRange(value, 0, 0xff, place);
    case 'unsigned short':
      return toEnforcedRange(value, 0, 0xffff, place);
    case 'unsigned long':
      return toEnforcedRange(value, 0, 0xffffffff, place);
  }
}

function toField(member: Member, value: unknown, parcel: Parcel, where: string): Field {
  switch (member.type) {
    case 'BigInteger':
    case 'BufferSource':
      return parcel.copyOf(bytesOf(value as CheckedBytes));
    case 'CryptoKey':
      parcel.otherKey = (value as KeyState).handle;
      return { __proto__: null, key: 1 } as unknown as Fields;
    case 'HashAlgorithmIdentifier':
      return normalizeAlgorithm(value as AlgorithmIdentifier, 'hash', parcel, where);
    default:
      return value as Field;
  }
}
