/** JsonWebKey: what is read of an object that a worker imports. https://w3c.github.io/webcrypto/#JsonWebKey-dictionary */

import { newBareArray } from '../bare-array.ts';
import { toDictionary, toDOMString, toSequence } from '../webidl.ts';
import { type Field, type Fields, newFields } from './parcel.ts';

/** The members in the order of their names. */
const MEMBERS: readonly string[] = [
  'alg',
  'crv',
  'd',
  'dp',
  'dq',
  'e',
  'ext',
  'k',
  'key_ops',
  'kty',
  'n',
  'oth',
  'p',
  'priv',
  'pub',
  'q',
  'qi',
  'use',
  'x',
  'y',
];
const OTHER_PRIME_MEMBERS: readonly string[] = ['d', 'r', 't'];

/** Converts an object to the dictionary. Throws a TypeError for a member of a wrong type. */
export function toJsonWebKey(value: unknown, where: string): Fields {
  return readMembers(value, MEMBERS, where);
}

function readMembers(value: unknown, members: readonly string[], where: string): Fields {
  const source = toDictionary<Record<string, unknown>>(value, where);
  const fields = newFields();
  for (let i = 0; i < members.length; i++) {
    const name = members[i] as string;
    const member = source?.[name];
    if (member !== undefined) fields[name] = toField(name, member, `${where}: ${name}`);
  }
  return fields;
}

function toField(name: string, value: unknown, where: string): Field {
  switch (name) {
    case 'ext':
      return !!value;
    case 'key_ops':
      return toFields(value, where, toDOMString);
    case 'oth':
      return toFields(value, where, (prime) => readMembers(prime, OTHER_PRIME_MEMBERS, where));
    default:
      return toDOMString(value);
  }
}

function toFields(value: unknown, where: string, convert: (value: unknown) => Field): readonly Field[] {
  const fields = newBareArray<Field>();
  toSequence(value, where, (item) => {
    fields[fields.length] = convert(item);
  });
  return fields;
}
