/** The `request-no-cors` guard of Headers. https://fetch.spec.whatwg.org/#no-cors-safelisted-request-header */

import {
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
} from '../primordials.ts';

const UNSAFE_IN_ACCEPT = '"():<>?@[\\]{}\x7f';

/** Whether a request in mode `no-cors` may carry this header. */
export function isNoCorsSafelisted(name: string, value: string): boolean {
  if (value.length > 128) return false;
  switch (name) {
    case 'accept':
      return !hasUnsafeByte(value);
    case 'accept-language':
    case 'content-language':
      return isLanguageValue(value);
    case 'content-type':
      return !hasUnsafeByte(value) && isSimpleContentType(value);
    default:
      return false;
  }
}

/** `Range` is dropped, but may be removed by code. */
export function isPrivilegedNoCors(name: string): boolean {
  return name === 'range';
}

function hasUnsafeByte(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = StringPrototypeCharCodeAt(value, i);
    if (code < 32 && code !== 9) return true;
    if (StringPrototypeIndexOf(UNSAFE_IN_ACCEPT, value[i] as string) !== -1) return true;
  }
  return false;
}

function isLanguageValue(value: string): boolean {
  const allowed = ' *,-.;=0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  for (let i = 0; i < value.length; i++) {
    if (StringPrototypeIndexOf(allowed, value[i] as string) === -1) return false;
  }
  return true;
}

function isSimpleContentType(value: string): boolean {
  const end = StringPrototypeIndexOf(value, ';');
  let essence = StringPrototypeToLowerCase(end === -1 ? value : StringPrototypeSlice(value, 0, end));
  while (essence !== '' && essence[essence.length - 1] === ' ')
    essence = StringPrototypeSlice(essence, 0, -1);
  return (
    essence === '' ||
    essence === 'application/x-www-form-urlencoded' ||
    essence === 'multipart/form-data' ||
    essence === 'text/plain'
  );
}
