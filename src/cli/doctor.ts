/** `nanod doctor`: looks for what keeps nanod from working, or will. */

import type { Command } from './command.ts';
import { formatTable } from './table.ts';

interface DoctorArgs {
  readonly json: boolean;
}

export const doctor: Command<DoctorArgs> = {
  usage: 'doctor',
  summary: 'Look for what keeps nanod from working, or will; changes nothing',
  build: (yargs) =>
    yargs
      .option('json', { type: 'boolean', default: false, describe: 'Print the findings as JSON' })
      .example('$0 doctor', 'Status 1 where something fails'),
  async run({ json }, { operations, stdout }) {
    const findings = await operations.doctor();
    const rows = findings.flatMap(({ check, status, text, hint }) => [
      [status, check, text],
      ...(hint === undefined ? [] : [['', '', `hint: ${hint}`]]),
    ]);
    stdout(json ? `${JSON.stringify(findings)}\n` : formatTable(['', '', ''], rows).replace(/^\n/u, ''));
    return findings.some(({ status }) => status === 'fail') ? 1 : 0;
  },
};
