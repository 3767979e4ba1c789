/** A worker whose code is still to come: who waits for it, and for how long. */

import t from 'tap';
import { neutral } from '../../src/realm/neutral.ts';
import type { CallState, ErrorState, ResponseState } from '../../src/realm/prelude/state.ts';
import type { AnswerState } from '../../src/realm/prelude/rpc/rpc-state.ts';
import { DynamicWorker } from '../../src/services/dynamic-worker.ts';
import { makeHostError } from '../../src/services/host-error.ts';
import type { Service } from '../../src/services/service.ts';
import { WorkerService } from '../../src/services/worker.ts';

function fetch(service: Service): Promise<ResponseState | ErrorState | undefined> {
  const request = neutral.request('GET', 'http://x/', '', undefined, '');
  return new Promise((resolve) => {
    const settle: CallState['settle'] = (_call, response, error) => resolve(response ?? error);
    service
      .open('default', '', false)
      .fetch(request, neutral.call(settle, undefined, request, undefined, undefined, undefined));
  });
}

function call(service: Service): Promise<string | undefined> {
  return new Promise((resolve) => {
    const answer = service.open('default', '', false).call('method', [], undefined) as AnswerState;
    if (answer.status === 'pending') answer.onSettle = ({ failure }) => resolve(failure?.code);
    else resolve(answer.failure?.code);
  });
}

t.test('code that does not come fails those who wait, and all who come later', async (t) => {
  let failures = 0;
  const worker = new DynamicWorker('api/LOADER/x', 1, () => failures++);
  const [answer, code] = await Promise.all([fetch(worker), call(worker)]);
  t.match(answer, { code: 'DYNAMIC_LATE', message: /did not come within 0\.001 s/u });
  t.equal(code, 'DYNAMIC_LATE');
  t.match(await fetch(worker), { code: 'DYNAMIC_LATE' });
  t.equal(failures, 1);
  let isMade = false;
  await worker.give({
    make: () => {
      isMade = true;
      return Promise.resolve(makeHostError('CALL_TOO_DEEP', {}));
    },
    explain: (error) => error,
  });
  t.notOk(isMade, 'what comes afterwards is not looked at');
  await worker.close();
  t.equal(failures, 1);
});

t.test('a worker that goes while it is being made is closed', async (t) => {
  const worker = new DynamicWorker('api/LOADER/x', 10_000, () => {});
  let closed = 0;
  const made: WorkerService = new WorkerService('x', {
    version: '1',
    onAdmit: () => {},
    onFailed: () => {},
    renew: () => made,
    createRealm: () => {
      throw new RangeError('no room');
    },
    evaluationTimeout: 1000,
    onLoadFailure: () => {},
    onClose: () => closed++,
    now: () => 0,
  });
  const given = worker.give({
    make: async () => {
      await worker.close();
      return made;
    },
    explain: (error) => error,
  });
  const waiting = call(worker);
  await given;
  t.equal(await waiting, 'DYNAMIC_UNLOADED');
  t.equal(closed, 1);
});

t.test('a realm that cannot be made fails the worker', async (t) => {
  const worker = new DynamicWorker('api/LOADER/x', 10_000, () => {});
  const made: WorkerService = new WorkerService('x', {
    version: '1',
    onAdmit: () => {},
    onFailed: () => {},
    renew: () => made,
    createRealm: () => {
      throw new RangeError('no room');
    },
    evaluationTimeout: 1000,
    onLoadFailure: () => {},
    now: () => 0,
  });
  await worker.give({ make: () => Promise.resolve(made), explain: (error) => error });
  t.match(await fetch(worker), { code: 'DYNAMIC_CODE', message: /nested too deeply/u });
});
