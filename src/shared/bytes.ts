/** Bytes that leave the host for a realm. Runs anywhere. */

/**
 * The bytes in a fresh buffer of their exact size, which a realm can take over with `transfer` (HARDENING R13). `Uint8Array.from` is not
 * for this: under `--frozen-intrinsics` it iterates, and takes hundreds of times as long.
 */
export function copyOfBytes(bytes: Uint8Array): ArrayBuffer {
  const copy = new Uint8Array(bytes.byteLength);
  copy.set(bytes);
  return copy.buffer;
}
