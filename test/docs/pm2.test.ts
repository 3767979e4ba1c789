/** docs/pm2.md names every attribute of PM2 that the configuration knows, as what it is. */

import t from 'tap';
import { ignoredAttributes } from '../../src/config/ignored.ts';
import { supervisionShape } from '../../src/config/supervision-schema.ts';
import { readPage } from '../helpers/doc-pages.ts';

const rows = readPage('docs/pm2.md')
  .text.split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split(' | '));

/** The attributes of the rows whose meaning is like that. */
function attributes(isWanted: (meaning: string) => boolean): string[] {
  const wanted = rows.filter(([, meaning = '']) => isWanted(meaning));
  return wanted.flatMap(([names = '']) => [...names.matchAll(/`(\w+)`/gu)].map((match) => String(match[1])));
}

t.test('every attribute that is ignored stands there as one, and no other', (t) => {
  const ignored = attributes((meaning) => meaning.startsWith('ignored with a warning'));
  t.strictSame(ignored.toSorted(), [...ignoredAttributes].toSorted());
  t.end();
});

t.test('every attribute about the life of a worker has its row', (t) => {
  const known = attributes((meaning) => !meaning.startsWith('ignored') && !meaning.startsWith('refused'));
  t.strictSame(
    Object.keys(supervisionShape).filter((name) => !known.includes(name)),
    [],
  );
  t.end();
});
