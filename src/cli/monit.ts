/** `nanod monit`: a full-screen view of services, threads and the log. */

import { formatRecord, parseJsonLine } from '../shared/log-record.ts';
import type { CliPowers, Command } from './command.ts';
import type { MonitorPowers } from './monit/view.ts';
import { UsageError } from './usage-error.ts';

/** Milliseconds between two looks. */
const interval = 1000;

/** The alternate screen of a terminal, and back. */
const enter = '\u001b[?1049h\u001b[H';
const leave = '\u001b[?1049l';

export const monit: Command<Record<never, never>> = {
  usage: 'monit',
  summary: 'Watch services, threads and the log on the whole screen',
  build: (yargs) => yargs.example('$0 monit', 'Arrows choose a service, q leaves'),
  async run(_args, powers) {
    if (!powers.terminal)
      throw new UsageError('monit needs a terminal; nanod ls --json and nanod describe --json say the same');
    await powers.operations.daemon.api.ping(); // where there is none, that is said on the ordinary screen
    const { runMonitor } = await import('./monit/view.ts');
    powers.stdout(enter);
    try {
      await runMonitor(monitorPowers(powers));
    } finally {
      powers.stdout(leave);
    }
    return 0;
  },
};

function monitorPowers({ operations, color }: CliPowers): MonitorPowers {
  const { api } = operations.daemon;
  return {
    interval,
    async look() {
      const [{ services }, vitals] = await Promise.all([api.describe({ selectors: ['all'] }), api.vitals()]);
      return { time: Date.now(), services, vitals };
    },
    log(service, onLine) {
      let isClosed = false;
      let close = (): void => {
        isClosed = true;
      };
      const follow = async (): Promise<void> => {
        const selectors = service === undefined ? undefined : [service];
        const stream = await api.logs({ selectors, lines: 100, follow: true });
        if (isClosed) return stream.close();
        close = () => stream.close();
        let rest = '';
        for await (const chunk of stream.chunks) {
          const lines = (rest + chunk).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) {
            const record = parseJsonLine(line);
            const text = record === undefined ? line : formatRecord(record, { color }).trimEnd();
            for (const each of text.split('\n')) onLine(each);
          }
        }
      };
      follow().catch((error: unknown) => onLine(`the log cannot be read: ${String(error)}`));
      return { close: () => close() };
    },
  };
}
