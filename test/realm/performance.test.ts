/** performance and navigator inside a realm. https://w3c.github.io/user-timing/ */

import t from 'tap';
import { evaluate } from '../helpers/realm.ts';

t.test('the clock runs forward, in steps of five microseconds', async (t) => {
  const results = await evaluate(`
    const times = Array.from({ length: 200 }, () => performance.now());
    const steps = times.every((time) => Math.abs(time * 200 - Math.round(time * 200)) < 1e-3);
    return [times.every((time, i) => i === 0 || time >= times[i - 1]), steps, Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 1000,
      Object.keys(performance.toJSON()), performance instanceof EventTarget, navigator.userAgent, navigator instanceof Navigator];`);
  t.same(results, [true, true, true, ['timeOrigin'], true, 'nanod', true]);
});

t.test('marks and measures are on the timeline until they are cleared', async (t) => {
  const results = await evaluate(`
    const detail = { a: [1] };
    const mark = performance.mark('one', { startTime: 5, detail });
    performance.mark('two', { startTime: 2 });
    const measure = performance.measure('span', 'two', 'one');
    const all = performance.getEntries().map((entry) => entry.name);
    performance.clearMarks('one');
    const left = performance.getEntriesByType('mark').length;
    performance.clearMarks(); performance.clearMeasures();
    return [mark.toJSON(), mark.detail !== detail, mark instanceof PerformanceMark, measure.startTime, measure.duration, measure.detail, all, left, performance.getEntries().length];`);
  t.same(results, [
    { name: 'one', entryType: 'mark', startTime: 5, duration: 0, detail: { a: [1] } },
    true,
    true,
    2,
    3,
    null,
    ['two', 'span', 'one'],
    1,
    0,
  ]);
});

t.test('a measure takes two of start, end and duration', async (t) => {
  const results = await evaluate(`
    performance.mark('m', { startTime: 4 });
    const span = (...args) => { try { const { startTime, duration } = performance.measure('x', ...args); return [startTime, duration]; } catch (e) { return e.name; } };
    return [span({ start: 1, end: 3 }), span({ start: 'm', duration: 2 }), span({ end: 10, duration: 4 }), span({ start: 1, end: 2, duration: 1 }), span({ duration: 1 }), span({ detail: 1 }), span({ start: 1 }, 'm'),
      span('none'), span({ start: -1, end: 1 }), span({}, 'm'), span({ start: 1, end: 2, detail: () => {} })];`);
  t.same(results, [
    [1, 2],
    [4, 2],
    [6, 4],
    'TypeError',
    'TypeError',
    'TypeError',
    'TypeError',
    'SyntaxError',
    'TypeError',
    [0, 4],
    'DataCloneError',
  ]);
});

t.test('an observer hears of entries in a task of its own', async (t) => {
  const results = await evaluate(`
    performance.mark('early');
    const calls = [];
    const done = new Promise((resolve) => {
      new PerformanceObserver(function (list, observer, options) { calls.push([list.getEntries().map((e) => e.name), this === observer, options.droppedEntriesCount]); resolve(); }).observe({ type: 'mark', buffered: true });
    });
    performance.mark('late');
    calls.push('sync');
    await done;
    const name = (f) => { try { return f(); } catch (e) { return e.name; } };
    const observer = new PerformanceObserver(() => {});
    observer.observe({ entryTypes: ['mark', 'unknown'] });
    performance.mark('taken');
    return [calls, observer.takeRecords().length, observer.takeRecords().length, name(() => observer.observe({ type: 'mark' })), name(() => observer.observe({})), name(() => new PerformanceObserver()), PerformanceObserver.supportedEntryTypes];`);
  t.same(results, [
    ['sync', [['early', 'late'], true, 0]],
    1,
    0,
    'InvalidModificationError',
    'TypeError',
    'TypeError',
    ['mark', 'measure'],
  ]);
});

t.test('the timeline of a worker that never clears it stays bounded', async (t) => {
  const results = await evaluate(`
    for (let i = 0; i < 10_010; i++) performance.mark('m' + i);
    const marks = performance.getEntriesByType('mark');
    return [marks.length, marks[0].name];`);
  t.same(results, [10_000, 'm10']);
});
