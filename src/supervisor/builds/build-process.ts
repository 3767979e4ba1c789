/**
 * The entry of the build process, in which code that workers gave at run time is bundled apart from everything else: nothing is known of it but
 * that it may be made to cost as much as it can. It ends when the supervisor lets go of it.
 */

import process from 'node:process';
import { stopCompiler } from '../../bundle/compile.ts';
import type { DynamicCode } from '../../messages/builds.ts';
import { buildDynamic } from './build-dynamic.ts';

process.on('message', (code: DynamicCode) => {
  void buildDynamic(code).then((outcome) => process.send?.(outcome));
});
// esbuild is a process of its own, which somebody has to see to its end.
process.once('disconnect', () => void stopCompiler().finally(() => process.exit()));
