/** The neutral form of what is more than data: functions, RpcTargets, stubs, and the objects of web interfaces. */

import { copyBytes, exactBuffer } from '../bytes.ts';
import { isDOMException } from '../errors/dom-exception.ts';
import { toErrorState } from '../errors/error-state.ts';
import { headersRaw, isHeaders } from '../fetch/headers.ts';
import { isRequest, requestToState } from '../fetch/request.ts';
import { isResponse, responseToState } from '../fetch/response.ts';
import { guarded } from '../host.ts';
import type { File } from '../data/file.ts';
import { isPrimitive } from '../clone/primitive.ts';
import type { ExportKind, ExportState } from './rpc-state.ts';
import { capOf } from './owned.ts';
import { isRpcTarget, isWorkerEntrypoint } from './targets.ts';
import { isResultProperty } from './caller.ts';
import { exportedByStub } from './stub-brand.ts';

const rpc = guarded($host.rpc);

function exported(kind: ExportKind, text: string, value: unknown, detail = ''): ExportState {
  return rpc.exported(kind, text, value, detail, undefined);
}

/** What a value of this realm is for others; undefined for what cannot cross. May throw: a body that was read, a locked stream. */
export function exportValue(value: object, kind: 'function' | 'platform'): ExportState | undefined {
  const stub = exportedByStub(value);
  if (stub !== undefined) return stub;
  if (kind === 'function')
    return isResultProperty(value) ? undefined : exported('stub', 'function', capOf(value));
  if (isRpcTarget(value) || isWorkerEntrypoint(value)) return exported('stub', 'object', capOf(value));
  return exportFetchObject(value) ?? exportLazy(value);
}

/** Objects of the classes that every realm has loaded. */
function exportFetchObject(value: object): ExportState | undefined {
  if (isRequest(value)) return exported('request', '', requestToState(value));
  if (isResponse(value)) return exported('response', '', responseToState(value));
  if (isHeaders(value)) return exported('headers', headersRaw(value), undefined);
  if (isDOMException(value)) return exported('domexception', '', toErrorState(value));
  return undefined;
}

/** Objects of the others; one of them exists, so that loading their modules has been worth it. */
function exportLazy(value: object): ExportState | undefined {
  return exportData(value) ?? exportStream(value) ?? exportSignal(value) ?? exportUrl(value);
}

function exportData(value: object): ExportState | undefined {
  const { isFile } = require('../data/file.ts');
  if (isFile(value)) return exportFile(value, '', undefined);
  const { isBlob, blobBytes, blobType } = require('../data/blob.ts');
  if (isBlob(value)) return exported('blob', blobType(value), exactBuffer(copyBytes(blobBytes(value))));
  const { isFormData, entryList } = require('../data/form-data.ts');
  return isFormData(value) ? exportForm(entryList(value)) : undefined;
}

function exportFile(file: File, field: string, next: ExportState | undefined): ExportState {
  const { blobBytes, blobType } = require('../data/blob.ts');
  const { fileName, fileTime } = require('../data/file.ts');
  const about = `${fileTime(file)}\n${field.length}\n${blobType(file).length}\n`;
  const detail = `${about}${field}${blobType(file)}${fileName(file)}`;
  return rpc.exported('file', '', exactBuffer(copyBytes(blobBytes(file))), detail, next);
}

/** A list of its entries, each with its name: strings as `text`, files as `file`. */
function exportForm(list: readonly (string | File)[]): ExportState {
  let entries: ExportState | undefined;
  for (let i = list.length - 2; i >= 0; i -= 2) {
    const name = list[i] as string;
    const value = list[i + 1] as string | File;
    entries =
      typeof value === 'string'
        ? rpc.exported('text', value, undefined, name, entries)
        : exportFile(value, name, entries);
  }
  return exported('form-data', '', entries);
}

function exportStream(value: object): ExportState | undefined {
  const { isReadableStream, streamSource } = require('../streams/internal.ts');
  if (isReadableStream(value)) return exported('readable', '', streamSource(value));
  const { isWritable } = require('../streams/writable-brand.ts');
  return isWritable(value)
    ? exported('writable', '', require('./stream-ends.ts').capOfWritable(value))
    : undefined;
}

function exportSignal(value: object): ExportState | undefined {
  const { isAbortSignal, signalAborted, signalReason } = require('../events/abort-signal.ts');
  if (!isAbortSignal(value)) return undefined;
  if (signalAborted(value)) {
    const reason = signalReason(value);
    return exported('abort-signal', 'aborted', isPrimitive(reason) ? reason : toErrorState(reason));
  }
  return exported('abort-signal', '', require('./stream-ends.ts').capOfSignal(value));
}

function exportUrl(value: object): ExportState | undefined {
  const { isUrl, hrefOf } = require('../url/url.ts');
  if (isUrl(value)) return exported('url', hrefOf(value), undefined);
  const { isUrlSearchParams, serializeUrlSearchParams } = require('../url/url-search-params.ts');
  if (!isUrlSearchParams(value)) return undefined;
  return exported('search-params', serializeUrlSearchParams(value), undefined);
}
