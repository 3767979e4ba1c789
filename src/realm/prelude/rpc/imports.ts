/** Objects of this realm for what arrives in neutral form. */

import { makeErrorOf } from '../clone/copy-error.ts';
import { fromErrorState } from '../errors/error-state.ts';
import { headersFromRaw } from '../fetch/headers.ts';
import { incomingRequest } from '../fetch/request.ts';
import { incomingResponse } from '../fetch/response.ts';
import type { File } from '../data/file.ts';
import { newCallState } from '../neutral.ts';
import {
  ArrayBufferPrototypeTransfer,
  NumberParseInt,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  TypeErrorCtor,
  Uint8ArrayCtor,
} from '../primordials.ts';
import type { ErrorState, RequestState, ResponseState, SourceState, TargetState } from '../state.ts';
import type { StubKeeper } from './links.ts';
import type { CapState, ExportState } from './rpc-state.ts';

/** The object. The keeper takes note of stubs. */
export function importValue(state: ExportState, keeper: StubKeeper): object {
  switch (state.kind) {
    case 'stub':
      return importStub(state, keeper);
    case 'service':
      return require('../worker/fetcher.ts').newFetcher(state.value as TargetState);
    case 'request':
      return importRequest(state.value as RequestState);
    case 'response':
      return incomingResponse(state.value as ResponseState, '', false);
    case 'headers':
      return headersFromRaw(state.text, 'none');
    case 'domexception':
      return fromErrorState(state.value as ErrorState) as object;
    case 'error':
      return importError(state);
    case 'readable':
      return require('../streams/internal.ts').sourceStream(state.value as SourceState, fromErrorState);
    case 'writable':
      return require('./stream-ends.ts').writableOf(state.value as CapState);
    case 'abort-signal':
      return require('./stream-ends.ts').signalOf(state);
    default:
      return importData(state);
  }
}

function importStub(state: ExportState, keeper: StubKeeper): object {
  const { newStub, disposeStub, isDisposed } = require('./stub.ts');
  const stub = newStub(state.value as CapState);
  keeper.keep(
    () => disposeStub(stub),
    () => isDisposed(stub),
  );
  return stub;
}

/** A request that is no call: nobody waits for it, and nobody aborts it. */
function importRequest(state: RequestState): object {
  const nobody = (): void => {};
  return incomingRequest(state, newCallState(nobody, undefined, state, undefined, undefined, undefined));
}

function importData(state: ExportState): object {
  switch (state.kind) {
    case 'blob':
      return require('../data/blob.ts').newBlob(takeBytes(state), state.text);
    case 'file':
      return importFile(state).file;
    case 'form-data':
      return importForm(state.value as ExportState | undefined);
    case 'url':
      return new (require('../url/url.ts').URL)(state.text);
    case 'search-params':
      return new (require('../url/url-search-params.ts').URLSearchParams)(state.text);
    default:
      throw new TypeErrorCtor('unknown kind of value');
  }
}

function takeBytes(state: ExportState): Uint8Array<ArrayBuffer> {
  return new Uint8ArrayCtor(ArrayBufferPrototypeTransfer(state.value as ArrayBuffer));
}

/** `detail`: date, length of the field's name, length of the type, each with a line feed; then field, type and name. */
function importFile(state: ExportState): { file: File; field: string } {
  const { detail } = state;
  const first = StringPrototypeIndexOf(detail, '\n');
  const second = StringPrototypeIndexOf(detail, '\n', first + 1);
  const start = StringPrototypeIndexOf(detail, '\n', second + 1) + 1;
  const fieldEnd = start + NumberParseInt(StringPrototypeSlice(detail, first + 1, second));
  const typeEnd = fieldEnd + NumberParseInt(StringPrototypeSlice(detail, second + 1, start - 1));
  const file = require('../data/file.ts').newFile(
    takeBytes(state),
    StringPrototypeSlice(detail, typeEnd),
    StringPrototypeSlice(detail, fieldEnd, typeEnd),
    NumberParseInt(StringPrototypeSlice(detail, 0, first)),
  );
  return { file, field: StringPrototypeSlice(detail, start, fieldEnd) };
}

function importForm(first: ExportState | undefined): object {
  const list: (string | File)[] = [];
  for (let entry = first; entry !== undefined; entry = entry.next) {
    if (entry.kind === 'text') {
      list[list.length] = entry.detail;
      list[list.length] = entry.text;
    } else {
      const { file, field } = importFile(entry);
      list[list.length] = field;
      list[list.length] = file;
    }
  }
  return require('../data/form-data.ts').newFormData(list);
}

/** An error that comes without its object: its fields are copied by whoever asks. */
export function importError(state: ExportState): object {
  const { name, message, stack } = state.value as ErrorState;
  return makeErrorOf(name, message, stack);
}
