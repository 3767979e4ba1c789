/** A tRPC server behind its fetch adapter, with input that zod checks. */

import { initTRPC, TRPCError } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { z } from 'zod';

const t = initTRPC.context().create();

const router = t.router({
  add: t.procedure.input(z.object({ a: z.number(), b: z.number() })).query(({ input }) => input.a + input.b),
  caller: t.procedure.query(({ ctx }) => ctx.caller),
  users: t.router({
    rename: t.procedure.input(z.string().min(2)).mutation(({ input, ctx }) => {
      if (ctx.caller === '') throw new TRPCError({ code: 'UNAUTHORIZED' });
      return { name: input };
    }),
  }),
});

export default {
  fetch: (req) =>
    fetchRequestHandler({
      endpoint: '/trpc',
      req,
      router,
      createContext: () => ({ caller: req.headers.get('x-caller') ?? '' }),
    }),
};
