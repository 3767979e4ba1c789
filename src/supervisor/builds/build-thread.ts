/**
 * The entry of the build thread, in which code that workers gave at run time is bundled apart from everything else: nothing is known of it but
 * that it may be made to cost as much as it can.
 */

import { parentPort } from 'node:worker_threads';
import type { DynamicCode } from '../../messages/builds.ts';
import { buildDynamic } from './build-dynamic.ts';

parentPort?.on('message', (code: DynamicCode) => {
  void buildDynamic(code).then((outcome) => parentPort?.postMessage(outcome));
});
