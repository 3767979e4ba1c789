/** `npm run bench`: measures and prints a table. `-- --http` measures the ingress, `--quick` runs shorter, `--json` prints data. */

import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { formatHttp, measureHttp } from './http.ts';
import { formatLatency, measureLatency } from './latency.ts';

const { values } = parseArgs({
  options: { http: { type: 'boolean' }, quick: { type: 'boolean' }, json: { type: 'boolean' } },
});
const quick = values.quick === true;
const onProgress = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r${text} `);
};

const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}`;
if (values.http === true) {
  const result = await measureHttp({ rounds: quick ? 2 : 6, duration: quick ? 2 : 4, onProgress });
  print(result, formatHttp(result));
} else {
  const rows = await measureLatency({ rounds: quick ? 3 : 12, onProgress });
  print(rows, formatLatency(rows));
}

function print(data: unknown, text: string): void {
  if (process.stderr.isTTY) process.stderr.write('\r');
  console.log(values.json === true ? JSON.stringify({ machine, data }) : `${text}${machine}`);
}
