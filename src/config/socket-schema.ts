/** The part of dialect 1 that says where nanod listens. Runs in the supervisor and in scripts. */
import { z } from 'zod';
import { targetEntry, targetSchema } from './binding-schema.ts';
import { laterSocketKey } from './later.ts';
import { entry } from './manual.ts';
import { nameText, serviceName } from './service-name.ts';

/** An address and what is behind it. */
export const socketSchema = entry(
  z.strictObject({
    name: entry(z.string().regex(serviceName), {
      description: 'Name of the socket, unique among sockets.',
      expected: `a name: ${nameText}`,
      errors: ['CONFIG_DUPLICATE'],
    }),
    address: entry(z.union([z.string().min(1), z.int()]), {
      description:
        'Where to listen: `"127.0.0.1:8787"`, `"[::1]:8787"`, `"localhost:8787"`, `"*:80"` for every interface. A port alone means 127.0.0.1. Port 0 lets the system choose.',
      expected: 'an address such as "127.0.0.1:8787", or a port number',
      errors: ['CONFIG_ADDRESS', 'CONFIG_DUPLICATE', 'CONFIG_NOT_AVAILABLE'],
    }),
    service: entry(z.union(targetSchema.options), {
      ...targetEntry,
      description: 'The service that answers there.',
    }),
  }),
  {
    description: 'An address that nanod listens on, and the service behind it.',
    expected: 'a socket: { name, address, service }',
    later: laterSocketKey,
  },
);
