/** The request behind an EventSource. https://html.spec.whatwg.org/#dom-eventsource */

import { extractMimeType } from '../data/mime-type.ts';
import { toErrorState } from '../errors/error-state.ts';
import type { AbortSignal } from '../events/abort-signal.ts';
import { fetchTarget } from '../fetch/fetch-target.ts';
import { discardResponse } from '../fetch/give-up.ts';
import { rawHeader } from '../fetch/headers.ts';
import { Request } from '../fetch/request.ts';
import { type Response, responseToState, responseUrl } from '../fetch/response.ts';
import { utf8Encode } from '../encoding/utf8.ts';
import { guarded } from '../host.ts';
import {
  ErrorCtor,
  StringFromCharCode,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  TypedArrayPrototypeGetLength,
} from '../primordials.ts';
import type { BodyState, TargetState } from '../state.ts';

const urls = guarded($host.url);
const TYPE = 'text/event-stream';

/** What came of it: events, nobody there at present, or an answer that will never be events. */
export type Answer =
  | { readonly kind: 'events'; readonly url: string; readonly body: BodyState }
  | { readonly kind: 'lost' }
  | { readonly kind: 'refused' };

/** Never rejects. */
export async function requestEvents(
  target: TargetState,
  url: string,
  lastEventId: string,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const headers =
      lastEventId === ''
        ? { __proto__: null, accept: TYPE, 'cache-control': 'no-cache' }
        : {
            __proto__: null,
            accept: TYPE,
            'cache-control': 'no-cache',
            'last-event-id': toBytes(lastEventId),
          };
    const request = new Request(url, { __proto__: null, headers, cache: 'no-store', signal });
    return judge(await fetchTarget(target, request, undefined));
  } catch (error) {
    return { kind: isForGood(toErrorState(error).code) ? 'refused' : 'lost' };
  }
}

function judge(response: Response): Answer {
  const state = responseToState(response);
  const type = extractMimeType(rawHeader(state.headers, 'content-type') ?? '');
  if (state.status === 200 && type !== undefined && type.essence === TYPE)
    return { kind: 'events', url: responseUrl(response), body: state.body };
  discardResponse(state, toErrorState(new ErrorCtor('These are no events.')));
  return { kind: 'refused' };
}

/** What no other attempt changes: the configuration forbids it, or there is no such request. */
function isForGood(code: string): boolean {
  return code === 'NETWORK_REFUSED' || code === 'NETWORK_REQUEST' || code === 'SERVICE_UNKNOWN';
}

/** UTF-8 as a header has it: one character for each byte. */
function toBytes(text: string): string {
  const bytes = utf8Encode(text);
  let value = '';
  const length = TypedArrayPrototypeGetLength(bytes);
  for (let i = 0; i < length; i++) value += StringFromCharCode(bytes[i] as number);
  return value;
}

/** The origin that events carry. */
export function originOf(url: string): string {
  if (!StringPrototypeStartsWith(url, 'http')) return 'null';
  const root = urls.parse('/', url) ?? '';
  const end = StringPrototypeIndexOf(root, '/', StringPrototypeIndexOf(root, '://') + 3);
  return StringPrototypeSlice(root, 0, end);
}
