/** UTF-16, both byte orders. https://encoding.spec.whatwg.org/#shared-utf-16-decoder */

import type { Chunk } from './chunk.ts';
import { emit, emitError } from './output.ts';

export function decodeUtf16({ input, output, flush, encoding }: Chunk): number {
  const high = encoding === 'utf-16be' ? 0 : 1;
  const unitAt = (at: number): number => ((input[at + high] ?? 0) << 8) | (input[at + 1 - high] ?? 0);
  let at = 0;
  for (; at + 2 <= input.length; at += 2) {
    const unit = unitAt(at);
    if ((unit & 0xf800) !== 0xd800) {
      emit(output, unit);
    } else if (unit >= 0xdc00) {
      emitError(output);
    } else if (at + 4 > input.length) {
      break;
    } else if ((unitAt(at + 2) & 0xfc00) === 0xdc00) {
      emit(output, unit);
      emit(output, unitAt(at + 2));
      at += 2;
    } else {
      emitError(output);
    }
  }
  if (!flush) return input.length - at;
  if (at < input.length) emitError(output); // one, for a lead surrogate with an odd byte after it too
  return 0;
}
