/** What a configuration says of the log. */
import t from 'tap';
import { accept, refuse } from '../helpers/config.ts';

const app = (fields: object): object => ({ name: 'a', script: 'a.js', ...fields });

t.test('settings of an app come over those of the whole file', async (t) => {
  const { services, logs } = await accept({
    logs: { maxFiles: 3, format: 'pretty', maxTotalBytes: 1024 * 1024, linesPerSecond: 7 },
    apps: [app({ logs: { maxFiles: 5 }, log_type: 'json' }), { name: 'b', script: 'b.js' }],
  });
  t.strictSame(logs, { format: 'pretty', maxFiles: 3, linesPerSecond: 7, maxTotalBytes: 1024 * 1024 });
  t.match(services, [
    { name: 'a', logs: { format: 'json', maxFiles: 5, linesPerSecond: 7 } },
    { name: 'b', logs: { format: 'pretty', maxFiles: 3, linesPerSecond: 7 } },
  ]);
});

t.test('nothing is there where nothing is said', async (t) => {
  const config = await accept({ apps: [app({ merge_logs: true, time: true, disable_logs: false })] });
  t.notOk('logs' in config);
  t.notOk('logs' in (config.services[0] ?? {}));
});

t.test('files of PM2, by all of their names', async (t) => {
  const files = async (fields: object): Promise<unknown> => {
    const { services } = await accept({ apps: [app(fields)] });
    return services[0]?.kind === 'worker' ? services[0].logs : undefined;
  };
  t.strictSame(
    await files({ out_file: 'logs/o.log', error_file: '/var/log/e.log', log_file: '../all.log' }),
    {
      outFile: '/base/logs/o.log',
      errorFile: '/var/log/e.log',
      logFile: '/all.log',
    },
  );
  t.strictSame(await files({ out: './o', error: './e', log: './l' }), {
    outFile: '/base/o',
    errorFile: '/base/e',
    logFile: '/base/l',
  });
  t.strictSame(await files({ output: '/dev/null', err_file: 'NULL' }), { outFile: null, errorFile: null });
  t.strictSame(await files({ disable_logs: true, out_file: 'o' }), {
    outFile: null,
    errorFile: null,
    logFile: null,
  });
});

t.test('what cannot be is refused where it stands', async (t) => {
  const errors = await refuse({
    logs: { maxFileBytes: 10, format: 'xml', linesPerSecond: 0, colour: true },
    apps: [
      app({ out_file: 'o', output: 'p', time: false, log_date_format: 'YYYY', logs: { maxTotalBytes: 1 } }),
      { name: 'nanod', script: 'b.js', merge_logs: false, error_file: '', log_file: 'a\0b' },
    ],
  });
  const places = errors.map((error) => error.split(':', 1)[0]).toSorted();
  t.strictSame(places, [
    'CONFIG_DUPLICATE apps[0].output',
    'CONFIG_NOT_AVAILABLE apps[0].log_date_format',
    'CONFIG_UNKNOWN_KEY apps[0].logs.maxTotalBytes',
    'CONFIG_UNKNOWN_KEY logs.colour',
    'CONFIG_VALUE apps[0].time',
    'CONFIG_VALUE apps[1].error_file',
    'CONFIG_VALUE apps[1].log_file',
    'CONFIG_VALUE apps[1].merge_logs',
    'CONFIG_VALUE apps[1].name',
    'CONFIG_VALUE logs.format',
    'CONFIG_VALUE logs.linesPerSecond',
    'CONFIG_VALUE logs.maxFileBytes',
  ]);
});
