/** ulid and nanoid: they look for a source of random bytes by themselves. */

import { customAlphabet, nanoid } from 'nanoid';
import { decodeTime, isValid, monotonicFactory, ulid } from 'ulid';

export default {
  fetch() {
    const next = monotonicFactory();
    const time = Date.UTC(2026, 0, 1);
    const many = Array.from({ length: 100 }, () => next(time));
    return Response.json({
      ulid: ulid(),
      decoded: decodeTime(ulid(time)) === time,
      valid: many.every((id) => isValid(id)),
      monotonic: many.every((id, i) => i === 0 || id > many[i - 1]),
      nanoid: nanoid(),
      distinct: new Set(Array.from({ length: 1000 }, () => nanoid())).size,
      custom: customAlphabet('01', 24)(),
    });
  },
};
