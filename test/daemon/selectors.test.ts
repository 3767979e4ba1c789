/** Names, namespaces, globs and `all`. */

import t from 'tap';
import { select } from '../../src/daemon/selectors.ts';

const names = ['api', 'api-two', 'job', 'shop'];
const namespaces = new Map([
  ['api', 'web'],
  ['job', 'web'],
  ['shop', 'api'],
]);

t.test('a name means a service, or all that have it as their namespace', (t) => {
  t.strictSame(select(['web'], names, namespaces), ['api', 'job']);
  t.strictSame(select(['w*'], names, namespaces), ['api', 'job']);
  t.strictSame(select(['api'], names, namespaces), ['api', 'shop'], 'and both at once');
  t.strictSame(select(['shop', 'web'], names, namespaces), ['api', 'job', 'shop'], 'each once, in order');
  t.strictSame(select(['all'], names, namespaces), names);
  t.strictSame(select(['?ob'], names), ['job']);
  t.end();
});

t.test('what means nothing is refused, with what was probably meant', (t) => {
  const refused = (selectors: string[]): unknown[] => {
    try {
      return select(selectors, names, namespaces);
    } catch (error) {
      return (error as AggregateError).errors;
    }
  };
  t.match(refused(['webb']), [{ code: 'SELECTOR_UNMATCHED', message: /did you mean "web"/ }]);
  t.match(refused(['']), [{ code: 'SELECTOR_UNMATCHED' }]);
  t.end();
});
