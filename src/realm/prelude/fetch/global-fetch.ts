/** Global `fetch`: a call of the service that the configuration names as the worker's global outbound. */

import { PromiseReject } from '../primordials.ts';
import { guarded } from '../host.ts';
import { requireArguments } from '../webidl.ts';
import type { Response } from './response.ts';

const host = guarded($host.realm);
const OUTBOUND = 0;

/** https://fetch.spec.whatwg.org/#fetch-method */
const methods = {
  fetch(input: unknown, init: unknown = undefined): Promise<Response> {
    try {
      requireArguments(arguments.length, 1, 'fetch');
      const { localFetch } = require('./scheme-fetch.ts');
      const local = localFetch(input, init);
      return local ?? require('./fetch-target.ts').fetchTarget(host.target(OUTBOUND), input, init);
    } catch (error) {
      return PromiseReject(error);
    }
  },
};
export const globalFetch = methods.fetch;
