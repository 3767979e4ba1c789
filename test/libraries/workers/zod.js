/** zod: what a request's JSON must look like. */

import { z } from 'zod';

const shape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('circle'), radius: z.number().positive() }),
  z.object({ kind: z.literal('box'), sides: z.tuple([z.number(), z.number()]) }),
]);
const order = z.strictObject({
  id: z.uuid(),
  email: z.email().toLowerCase(),
  at: z.iso.datetime().transform((text) => new Date(text).getTime()),
  shapes: z.array(shape).min(1),
  note: z.string().max(5).optional(),
  amount: z.coerce.bigint().transform(String),
});

export default {
  async fetch(request) {
    const { success, data, error } = order.safeParse(await request.json());
    if (success) return Response.json(data);
    return Response.json(
      error.issues.map(({ code, path }) => `${path.join('.')}: ${code}`),
      { status: 400 },
    );
  },
};
