/** The methods of Buffer that read and write numbers: those of the package, behind the checks of Node.js. */

import { invalidArgType, nodeError, outOfRange } from './errors.ts';

type NumberMethod = (this: Uint8Array, ...args: unknown[]) => unknown;

/** `Int16LE` and the like, with their sizes in bytes. */
const sizes: Readonly<Record<string, number>> = {
  UInt8: 1,
  UInt16LE: 2,
  UInt16BE: 2,
  UInt32LE: 4,
  UInt32BE: 4,
  Int8: 1,
  Int16LE: 2,
  Int16BE: 2,
  Int32LE: 4,
  Int32BE: 4,
  FloatLE: 4,
  FloatBE: 4,
  DoubleLE: 8,
  DoubleBE: 8,
  BigInt64LE: 8,
  BigInt64BE: 8,
  BigUInt64LE: 8,
  BigUInt64BE: 8,
};

const variable = ['UIntLE', 'UIntBE', 'IntLE', 'IntBE'];

function checkOffset(offset: unknown, size: number, length: number): void {
  if (typeof offset !== 'number') throw invalidArgType('offset', 'of type number', offset);
  const last = length - size;
  if (Number.isInteger(offset) && offset >= 0 && offset <= last) return;
  if (!Number.isInteger(offset)) throw outOfRange('offset', 'an integer', offset);
  if (last < 0) {
    throw nodeError('ERR_BUFFER_OUT_OF_BOUNDS', 'Attempt to access memory outside buffer bounds', RangeError);
  }
  throw outOfRange('offset', `>= 0 and <= ${last}`, offset);
}

function checkValue(kind: string, value: unknown, size: number): unknown {
  if (kind.startsWith('Big')) return checkBigInt(kind, value);
  if (!kind.includes('Int')) return value;
  const number = +(value as number);
  const bits = size * 8;
  const isSigned = kind.startsWith('Int');
  const min = isSigned ? -(2 ** (bits - 1)) : 0;
  const max = 2 ** (isSigned ? bits - 1 : bits) - 1;
  if (!(number > max || number < min)) return number;
  const power = isSigned ? bits - 1 : bits;
  const range =
    size <= 4 ? `>= ${min} and <= ${max}` : `>= ${isSigned ? `-(2 ** ${power})` : 0} and < 2 ** ${power}`;
  throw outOfRange('value', range, number);
}

function checkBigInt(kind: string, value: unknown): unknown {
  if (typeof value !== 'bigint') throw invalidArgType('value', 'of type bigint', value);
  const isSigned = kind.startsWith('BigInt');
  const fitting = isSigned ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value);
  if (fitting === value) return value;
  throw outOfRange('value', isSigned ? '>= -(2n ** 63n) and < 2n ** 63n' : '>= 0n and < 2n ** 64n', value);
}

function checkSize(size: unknown): asserts size is number {
  if (typeof size !== 'number') throw invalidArgType('byteLength', 'of type number', size);
  if (!Number.isInteger(size)) throw outOfRange('byteLength', 'an integer', size);
  if (size < 1 || size > 6) throw outOfRange('byteLength', '>= 1 and <= 6', size);
}

/** By name, over the methods of the package, whose own checks are left out. `Uint` is another spelling of `UInt`. */
export function numberMethods(ported: Readonly<Record<string, NumberMethod>>): Record<string, NumberMethod> {
  const methods: Record<string, NumberMethod> = {};
  const add = (name: string, method: NumberMethod): void => {
    methods[name] = method;
    methods[name.replace('UInt', 'Uint')] = method;
  };
  for (const [kind, size] of Object.entries(sizes)) {
    const read = ported[`read${kind}`];
    const write = ported[`write${kind}`];
    add(`read${kind}`, function (offset = 0) {
      checkOffset(offset, size, this.length);
      return read.call(this, offset, true);
    });
    add(`write${kind}`, function (value, offset = 0) {
      const checked = checkValue(kind, value, size);
      checkOffset(offset, size, this.length);
      return write.call(this, checked, offset, true);
    });
  }
  for (const kind of variable) {
    const read = ported[`read${kind}`];
    const write = ported[`write${kind}`];
    add(`read${kind}`, function (offset, size) {
      if (offset === undefined) throw invalidArgType('offset', 'of type number', offset);
      checkSize(size);
      checkOffset(offset, size, this.length);
      return read.call(this, offset, size, true);
    });
    add(`write${kind}`, function (value, offset, size) {
      checkSize(size);
      const checked = checkValue(kind, value, size);
      checkOffset(offset, size, this.length);
      return write.call(this, checked, offset, size, true);
    });
  }
  return methods;
}
