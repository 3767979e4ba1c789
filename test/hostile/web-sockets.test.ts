/** WebSockets in the hands of a worker that means no good. */

import t from 'tap';
import { runAttacks, serviceBinding } from '../helpers/hostile.ts';

await runAttacks(t, 'web-sockets.js', {
  others: { other: { file: 'other.js' }, outbound: { file: 'other.js' } },
  bindings: [serviceBinding('OTHER')],
});
