/** The methods of SubtleCrypto that take data: each converts its arguments, and has the host do the rest. */

import { requireArguments } from '../webidl.ts';
import { bytesOf, checkKey, toAlgorithm, toBufferSource, toKey } from './arguments.ts';
import { normalizeAlgorithm } from './normalize.ts';
import { perform, toBoolean, toBuffer } from './operations.ts';
import { Parcel } from './parcel.ts';

/** https://w3c.github.io/webcrypto/#SubtleCrypto-method-digest */
export function digest(args: IArguments): Promise<ArrayBuffer> {
  const where = 'SubtleCrypto.digest';
  requireArguments(args.length, 2, where);
  const algorithm = toAlgorithm(args[0]);
  const data = toBufferSource(args[1], `${where}: argument 2`);
  const parcel = new Parcel('digest');
  parcel.fields['algorithm'] = normalizeAlgorithm(algorithm, 'digest', parcel, where);
  parcel.fields['data'] = parcel.bytes(bytesOf(data));
  return perform(parcel, toBuffer);
}

/** encrypt, decrypt and sign. https://w3c.github.io/webcrypto/#SubtleCrypto-method-encrypt */
export function transformData(
  operation: 'decrypt' | 'encrypt' | 'sign',
  args: IArguments,
): Promise<ArrayBuffer> {
  const where = `SubtleCrypto.${operation}`;
  requireArguments(args.length, 3, where);
  const algorithm = toAlgorithm(args[0]);
  const key = toKey(args[1], `${where}: argument 2`);
  const data = toBufferSource(args[2], `${where}: argument 3`);
  const parcel = new Parcel(operation);
  const normalized = normalizeAlgorithm(algorithm, operation, parcel, where);
  parcel.fields['algorithm'] = normalized;
  parcel.fields['data'] = parcel.bytes(bytesOf(data));
  checkKey(key, normalized.name, operation, where);
  parcel.key = key.handle;
  return perform(parcel, toBuffer);
}

/** https://w3c.github.io/webcrypto/#SubtleCrypto-method-verify */
export function verify(args: IArguments): Promise<boolean> {
  const where = 'SubtleCrypto.verify';
  requireArguments(args.length, 4, where);
  const algorithm = toAlgorithm(args[0]);
  const key = toKey(args[1], `${where}: argument 2`);
  const signature = toBufferSource(args[2], `${where}: argument 3`);
  const data = toBufferSource(args[3], `${where}: argument 4`);
  const parcel = new Parcel('verify');
  const normalized = normalizeAlgorithm(algorithm, 'verify', parcel, where);
  parcel.fields['algorithm'] = normalized;
  parcel.fields['signature'] = parcel.bytes(bytesOf(signature));
  parcel.fields['data'] = parcel.bytes(bytesOf(data));
  checkKey(key, normalized.name, 'verify', where);
  parcel.key = key.handle;
  return perform(parcel, toBoolean);
}
