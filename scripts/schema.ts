/**
 * `npm run docs:schema`: writes schema/ecosystem.schema.json, which the package holds for editors, from the schema of dialect 1. With
 * `--check` it ends with status 1 when the file is stale.
 */
import process from 'node:process';
import { ecosystemJsonSchema } from '../src/config/json-schema.ts';
import { writeOrCheck } from './generated-file.ts';
import type { GeneratedFile } from './generated-file.ts';

/** The JSON Schema of dialect 1. */
export const schemaFile: GeneratedFile = {
  path: 'schema/ecosystem.schema.json',
  script: 'docs:schema',
  generate: () => JSON.stringify(ecosystemJsonSchema(), undefined, 2),
};

if (import.meta.main) await writeOrCheck(schemaFile, process.argv.slice(2));
