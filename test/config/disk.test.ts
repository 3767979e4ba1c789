/** Directories in a configuration. */
import t from 'tap';
import { accept, refuse } from '../helpers/config.ts';

const kinds = {
  '/base/files': 'directory',
  '/srv/www': 'directory',
  '/base/none': 'missing',
  '/base/secret': 'EACCES',
  '/base/tty': 'other',
};

function disk(...fields: readonly object[]): object {
  return { apps: [], services: fields.map((each, i) => ({ name: `d${i}`, kind: 'disk', ...each })) };
}

t.test('paths count from the directory of the configuration', async (t) => {
  const options = { writable: true, allowDotfiles: true };
  const { services } = await accept(disk({ path: './files' }, { path: '/srv/www', ...options }), { kinds });
  t.match(services, [
    { kind: 'disk', name: 'd0', path: '/base/files', writable: false, allowDotfiles: false },
    { kind: 'disk', name: 'd1', path: '/srv/www', ...options },
    { name: 'internet' },
  ]);
});

t.test('a directory has to be there', async (t) => {
  const paths = ['none', 'file', 'tty', 'secret', 'a\0b', ''];
  const errors = await refuse(
    disk(...paths.map((path) => ({ path })), {}, { path: 'files', writable: 1, cache: true }),
    { kinds },
  );
  const hint = 'cannot read';
  t.strictSame(errors.sort(), [
    `CONFIG_DIRECTORY services[0].path: ${hint} "none": it does not exist`,
    `CONFIG_DIRECTORY services[1].path: ${hint} "file": it is not a directory`,
    `CONFIG_DIRECTORY services[2].path: ${hint} "tty": it is not a directory`,
    `CONFIG_DIRECTORY services[3].path: ${hint} "secret": EACCES`,
    errors.find((error) => error.startsWith('CONFIG_DIRECTORY services[4].path: ')),
    'CONFIG_MISSING services[6].path: is missing; expected the path of a directory',
    errors.find((error) => error.startsWith('CONFIG_UNKNOWN_KEY services[7].cache: ')),
    'CONFIG_VALUE services[5].path: expected the path of a directory, found the string ""',
    'CONFIG_VALUE services[7].writable: expected true or false, found the number 1',
  ]);
});
