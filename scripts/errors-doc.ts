/** `npm run docs:errors`: writes docs/errors.md from the error table. With `--check` it ends with status 1 when the file is stale. */
import process from 'node:process';
import { errorTable } from '../src/shared/errors.ts';
import type { ErrorEntry } from '../src/shared/errors.ts';
import { writeOrCheck } from './generated-file.ts';
import type { GeneratedFile } from './generated-file.ts';

const introduction = `# Errors

<!-- Generated from src/shared/errors.ts by \`npm run docs:errors\`. -->

Every error of nanod has a code that does not change, so match on the code, never on the message. The command line prints
\`error[CODE]: where: message\` on stderr, the lines of the file around the place where that helps, and a hint.
`;

function describe(code: string, { summary, exitStatus, httpStatus }: ErrorEntry<never>): string {
  const facts = [
    exitStatus === undefined ? [] : [`Exit status ${exitStatus}.`],
    httpStatus === undefined ? [] : [`HTTP status ${httpStatus}.`],
  ].flat();
  return `## ${code}\n\n${[summary, ...facts].join(' ')}\n`;
}

/** docs/errors.md, one section for each code. */
export const errorsDoc: GeneratedFile = {
  path: 'docs/errors.md',
  script: 'docs:errors',
  generate: () => {
    const rows = Object.entries(errorTable) as readonly [string, ErrorEntry<never>][];
    return [introduction, ...rows.map(([code, row]) => describe(code, row))].join('\n');
  },
};

if (import.meta.main) await writeOrCheck(errorsDoc, process.argv.slice(2));
