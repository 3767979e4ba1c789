/**
 * Tasks of the realm: each gets a turn of the event loop of its own, with its microtasks, in the order they were queued. The host
 * knows only that there are some (HARDENING R11). https://html.spec.whatwg.org/#queue-a-task
 */

import { guarded } from './host.ts';

const realm = guarded($host.realm);

interface Task {
  readonly run: () => void;
  next: Task | undefined;
}

let first: Task | undefined;
let last: Task | undefined;

/** Queues a task of the platform itself. Throws a RangeError near stack overflow, and then nothing is queued. */
export function queueTask(run: () => void): void {
  realm.queueTask();
  const task: Task = { run, next: undefined };
  if (last === undefined) first = task;
  else last.next = task;
  last = task;
}

/** The realm has a turn: the host calls this. Throws what the task throws. */
export function runTask(): void {
  const task = first;
  if (task === undefined) return;
  // A turn that is interrupted does not take the next ones with it.
  first = task.next;
  if (first === undefined) last = undefined;
  task.run();
}

/** Forgets the tasks: the realm is going. */
export function dropTasks(): void {
  first = undefined;
  last = undefined;
}
