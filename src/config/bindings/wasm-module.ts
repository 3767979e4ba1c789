/** The binding kind `wasmModule` in dialect 1, in a draft, and in a `Config`. Runs in the supervisor and in scripts. */
import { z } from 'zod';
import { describeThrown } from '../../shared/text.ts';
import { fileSchema } from '../contents.ts';
import type { ReadContent } from '../contents.ts';
import { entry } from '../manual.ts';
import type { Problems } from '../problems.ts';
import type { Read, Sourced, Sourcing } from '../sourced.ts';
import type { WasmModuleBinding } from '../types.ts';
import { base64Text, toBase64 } from '../values.ts';

const source = entry(
  z.union([
    z.string().min(1),
    fileSchema,
    z.strictObject({ base64: base64Text }),
    z.instanceof(Uint8Array<ArrayBuffer>),
  ]),
  {
    description: 'The module.',
    expected: 'the path of a .wasm file, { file }, { base64 } or a Uint8Array',
    errors: ['CONFIG_UNREADABLE'],
  },
);

export const wasmModuleSchema = entry(z.strictObject({ wasmModule: source }), {
  description:
    'A compiled WebAssembly module, from a file or from its bytes. The worker sees a `WebAssembly.Module`, as if it had imported the file.',
  expected: 'an object { wasmModule }',
  errors: ['CONFIG_UNREADABLE'],
});

/** What a dialect says of it: a path from the base directory, or bytes. */
export interface DraftWasmModule {
  readonly kind: 'wasmModule';
  readonly name: string;
  readonly module: Sourced<{ readonly file: string } | { readonly base64: string }>;
}

export function readWasmModule(
  name: string,
  { wasmModule }: Read<typeof wasmModuleSchema>,
  at: Sourcing,
): DraftWasmModule | undefined {
  if (wasmModule === undefined) return undefined;
  const module = at.sourced(normalize(wasmModule), 'wasmModule');
  return module === undefined ? undefined : { kind: 'wasmModule', name, module };
}

function normalize(
  written: NonNullable<Read<typeof source>>,
): { readonly file: string } | { readonly base64: string } | undefined {
  if (typeof written === 'string') return { file: written };
  if (written instanceof Uint8Array) return { base64: toBase64(written) };
  if ('file' in written) return written.file === undefined ? undefined : { file: written.file };
  const { base64 } = written as { readonly base64?: string };
  return base64 === undefined ? undefined : { base64 };
}

/** Reads the file, and reports bytes that are no WebAssembly module. */
export async function resolveWasmModule(
  { name, module: { value, place } }: DraftWasmModule,
  readContent: ReadContent,
  problems: Problems,
): Promise<WasmModuleBinding | undefined> {
  const bytes =
    'file' in value ? await readContent({ value: value.file, place }) : Buffer.from(value.base64, 'base64');
  if (bytes === undefined) return undefined;
  const reason = flawIn(bytes);
  if (reason === undefined) return { kind: 'wasmModule', name, base64: toBase64(bytes) };
  problems.report('CONFIG_VALUE', { expected: 'a valid WebAssembly module', found: reason }, place);
  return undefined;
}

/** What is wrong with a module, in the engine's words. Only a wrong one is compiled. */
function flawIn(bytes: Uint8Array): string | undefined {
  const copy = new Uint8Array(bytes);
  if (WebAssembly.validate(copy)) return undefined;
  try {
    void new WebAssembly.Module(copy);
  } catch (error) {
    return describeThrown(error).replace(/^WebAssembly\.Module\(\): /u, '');
  }
  return undefined;
}
