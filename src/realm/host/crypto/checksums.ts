/**
 * The checksums that object stores use, which Cloudflare's DigestStream offers beside hashes. Loops go by index: under
 * `--frozen-intrinsics`, iterating over bytes takes many times as long. Runs in a thread, in the host realm.
 */

import { crc32 } from 'node:zlib';

/** Bytes in, and at the end the checksum, in big-endian bytes. */
export interface Checksum {
  update(bytes: Uint8Array): void;
  digest(): Uint8Array;
}

/** The checksum of that name, in lower case; undefined for no such name. */
export function newChecksum(name: string): Checksum | undefined {
  switch (name) {
    case 'crc32':
      return new Crc32();
    case 'crc32c':
      return new Crc32c();
    case 'crc64nvme':
      return new Crc64Nvme();
    default:
      return undefined;
  }
}

class Crc32 implements Checksum {
  #value = 0;

  update(bytes: Uint8Array): void {
    this.#value = crc32(bytes, this.#value);
  }

  digest(): Uint8Array {
    return bigEndian(this.#value);
  }
}

class Crc32c implements Checksum {
  static readonly #table = makeTable(0x82f63b78n);
  #value = 0xffffffff;

  update(bytes: Uint8Array): void {
    const { low } = Crc32c.#table;
    let value = this.#value;
    for (let i = 0; i < bytes.length; i++)
      value = (low[(value ^ (bytes[i] as number)) & 0xff] as number) ^ (value >>> 8);
    this.#value = value;
  }

  digest(): Uint8Array {
    return bigEndian(~this.#value);
  }
}

/** In two halves: BigInt would be ten times as slow. */
class Crc64Nvme implements Checksum {
  static readonly #table = makeTable(0x9a6c9329ac4bc9b5n);
  #low = 0xffffffff;
  #high = 0xffffffff;

  update(bytes: Uint8Array): void {
    const { low: lows, high: highs } = Crc64Nvme.#table;
    let low = this.#low;
    let high = this.#high;
    for (let i = 0; i < bytes.length; i++) {
      const index = (low ^ (bytes[i] as number)) & 0xff;
      low = (lows[index] as number) ^ ((low >>> 8) | (high << 24));
      high = (highs[index] as number) ^ (high >>> 8);
    }
    this.#low = low;
    this.#high = high;
  }

  digest(): Uint8Array {
    return bigEndian(~this.#high, ~this.#low);
  }
}

interface Table {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

/** The remainder of each byte. `polynomial` is reflected. */
function makeTable(polynomial: bigint): Table {
  const low = new Uint32Array(256);
  const high = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n;
    low[byte] = Number(value & 0xffffffffn);
    high[byte] = Number(value >> 32n);
  }
  return { low, high };
}

function bigEndian(...words: number[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(words.length * 4));
  words.forEach((word, i) => bytes.setUint32(i * 4, word >>> 0));
  return new Uint8Array(bytes.buffer);
}
