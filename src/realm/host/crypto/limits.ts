/**
 * How much a single operation may cost. The host's threads for such work are few, and all services of the process share them; nothing
 * ends an operation that has begun, and costly ones of this thread go one by one (fair-queue.ts). Runs in a thread, in the host realm.
 */

import type { CryptoRequest } from './request.ts';

/** Rounds of PBKDF2's hash: ten times what OWASP asks for passwords in 2026, or a few seconds. */
const PBKDF2_ROUNDS = 10_000_000;
/** KiB of memory for Argon2, four times the second recommendation of RFC 9106. */
const ARGON2_MEMORY = 256 * 1024;
/** KiB that Argon2 goes over in all its passes. */
const ARGON2_WORK = 16 * ARGON2_MEMORY;
/** Bits of a new RSA key; the time grows with the fourth power. */
const RSA_MODULUS = 8192;

/** Rounds that take so little time that they wait for nothing, about 50 ms. */
const PBKDF2_SMALL = 100_000;

const DEFAULT_BITS = 512;
/** What a round gives, at least: SHA-1. */
const ROUND_BITS = 160;

/** What is asked for too much, in words; undefined where nothing is. */
export function excessIn(request: CryptoRequest): string | undefined {
  const { operation, algorithm } = request;
  if (operation === 'generateKey') return tooMuch('modulusLength', algorithm['modulusLength'], RSA_MODULUS);
  if (operation !== 'deriveBits' && operation !== 'deriveKey') return undefined;
  if (algorithm.name === 'PBKDF2') return pbkdf2Excess(request);
  if (!algorithm.name.startsWith('Argon2')) return undefined;
  const memory = algorithm['memory'] as number;
  return (
    tooMuch('memory', memory, ARGON2_MEMORY) ??
    tooMuch('passes', algorithm['passes'], Math.floor(ARGON2_WORK / Math.max(memory, 1)))
  );
}

/** Whether it is to wait for its turn. */
export function isCostly({ operation, algorithm, ...rest }: CryptoRequest): boolean {
  if (operation === 'generateKey') return algorithm.name.startsWith('RS');
  if (operation !== 'deriveBits' && operation !== 'deriveKey') return false;
  if (algorithm.name !== 'PBKDF2') return algorithm.name.startsWith('Argon2');
  return (algorithm['iterations'] as number) * blocksOf(rest) > PBKDF2_SMALL;
}

function pbkdf2Excess({ algorithm, ...rest }: CryptoRequest): string | undefined {
  return tooMuch('iterations', algorithm['iterations'], Math.floor(PBKDF2_ROUNDS / blocksOf(rest)));
}

/** How often PBKDF2 goes through its iterations. */
function blocksOf({ length, keyAlgorithm }: Pick<CryptoRequest, 'length' | 'keyAlgorithm'>): number {
  const given = length ?? keyAlgorithm['length'];
  const bits = typeof given === 'number' ? given : DEFAULT_BITS;
  return Math.max(1, Math.ceil(bits / ROUND_BITS));
}

function tooMuch(member: string, value: unknown, limit: number): string | undefined {
  if (typeof value !== 'number' || value <= limit) return undefined;
  return `The algorithm's ${member} is ${value}, and nanod allows at most ${limit} here.`;
}
