/** `npm test`: tap, with its arguments handed on (`npm test -- test/shared`). */

import { buildTap, tap } from './tap.ts';

process.exitCode = buildTap() || tap(['run', ...process.argv.slice(2)]);
