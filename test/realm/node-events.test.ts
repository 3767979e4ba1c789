/** node:events in a realm, against that of Node.js. */

import t from 'tap';
import { sameAsNode } from '../helpers/like-node.ts';

const head = `const EventEmitter = require('events'); const events = EventEmitter; const { once, on, errorMonitor } = EventEmitter;
const util = require('util'); const log = []; const e = new EventEmitter();`;

t.test('emitters', (t) =>
  sameAsNode(t, head, [
    '(e.on("a", function (...args) { log.push([this === e, args]); }), e.emit("a", 1, 2), log)',
    'e.emit("none")',
    '(() => { const e = new EventEmitter(); const order = []; e.on("x", () => order.push(1)); e.prependListener("x", () => order.push(0)); e.once("x", () => order.push(2)); e.prependOnceListener("x", () => order.push(-1)); e.emit("x"); e.emit("x"); return order; })()',
    '(() => { const e = new EventEmitter(); const f = () => {}; e.on("x", f); e.once("x", f); e.on(Symbol.for("s"), f); return [e.listenerCount("x"), e.listenerCount("x", f), e.listeners("x")[1] === f, e.rawListeners("x")[1].listener === f, e.eventNames().map(String)]; })()',
    '(() => { const e = new EventEmitter(); const f = () => {}; e.on("x", f).on("x", f); e.off("x", f); const one = e.listenerCount("x"); e.removeAllListeners("x"); return [one, e.listenerCount("x"), e.eventNames()]; })()',
    '(() => { const e = new EventEmitter(); const seen = []; e.on("newListener", (name, f) => seen.push(["new", name, typeof f])); e.on("removeListener", (name) => seen.push(["gone", name])); const f = () => {}; e.once("x", f); e.emit("x"); e.on("y", f); e.removeAllListeners(); return seen; })()',
    '(() => { const e = new EventEmitter(); const f = () => e.off("x", g); const g = () => log.push("g"); e.on("x", f).on("x", g); e.emit("x"); e.emit("x"); return log.filter((x) => x === "g").length; })()',
    'new EventEmitter().emit("error", new RangeError("boom"))',
    'new EventEmitter().emit("error", { a: 1 })',
    'new EventEmitter().emit("error")',
    '(() => { const e = new EventEmitter(); const seen = []; e.on(errorMonitor, (x) => seen.push(x)); try { e.emit("error", new Error("m")); } catch (x) { seen.push(x.message); } return seen.map(String); })()',
    'e.on("x", 5)',
    'e.setMaxListeners(-1)',
    '[e.getMaxListeners(), e.setMaxListeners(3).getMaxListeners(), EventEmitter.defaultMaxListeners]',
    '(() => { function Old() { EventEmitter.call(this); } util.inherits(Old, EventEmitter); const old = new Old(); old.on("a", (x) => log.push(x)); return [old.emit("a", "old"), old instanceof EventEmitter, Old.super_ === EventEmitter]; })()',
    '(() => { class Own extends EventEmitter {} const own = new Own(); return [own.emit("x"), own.constructor.name, Object.keys(own)]; })()',
    '(() => { const plain = Object.assign({}, EventEmitter.prototype); plain.on("a", () => {}); return plain.listenerCount("a"); })()',
    '[EventEmitter.EventEmitter === EventEmitter, EventEmitter.once === once, typeof EventEmitter.listenerCount, EventEmitter.name, EventEmitter.usingDomains]',
    'Object.keys(EventEmitter.prototype).sort()',
    'new Promise((done) => { const e = new EventEmitter({ captureRejections: true }); e.on("x", async () => { throw new Error("async"); }); e.on("error", (x) => done(x.message)); e.emit("x"); })',
    'new Promise((done) => { const e = new EventEmitter({ captureRejections: true }); e[Symbol.for("nodejs.rejection")] = (error, name, arg) => done([error.message, name, arg]); e.on("x", async () => { throw new Error("async"); }); e.emit("x", 7); })',
  ]),
);

t.test('waiting for events', (t) =>
  sameAsNode(t, head, [
    '(async () => { setTimeout(() => e.emit("later", 1, 2), 1); return once(e, "later"); })()',
    '(async () => { setTimeout(() => e.emit("error", new Error("no")), 1); return once(e, "later"); })()',
    '(async () => { setTimeout(() => e.emit("error", 5), 1); return once(e, "error"); })()',
    '(async () => { const target = new EventTarget(); setTimeout(() => target.dispatchEvent(new Event("x")), 1); const [event] = await once(target, "x"); return event.type; })()',
    'once(e, "x", { signal: AbortSignal.abort() })',
    '(async () => { const made = new AbortController(); const waiting = once(e, "x", { signal: made.signal }); made.abort(); return waiting; })()',
    '(async () => { const seen = []; setTimeout(() => { for (let i = 0; i < 3; i++) e.emit("n", i); }, 1); for await (const [value] of on(e, "n")) { seen.push(value); if (value === 2) break; } return [seen, e.listenerCount("n"), e.listenerCount("error")]; })()',
    '(async () => { const seen = []; setTimeout(() => { e.emit("m", 1); e.emit("end"); }, 1); for await (const [value] of on(e, "m", { close: ["end"] })) seen.push(value); return seen; })()',
    '(async () => { const seen = []; setTimeout(() => { e.emit("k", 1); e.emit("error", new Error("stop")); }, 1); try { for await (const [value] of on(e, "k")) seen.push(value); } catch (x) { seen.push(x.message); } return seen; })()',
    '(async () => { const made = new AbortController(); setTimeout(() => made.abort(), 1); for await (const _ of on(e, "q", { signal: made.signal })); })()',
    '(() => { const f = () => {}; const e = new EventEmitter(); e.on("x", f); return events.getEventListeners(e, "x")[0] === f; })()',
    '(() => { const e = new EventEmitter(); events.setMaxListeners(5, e); return events.getMaxListeners(e); })()',
    '(() => { const made = new AbortController(); let count = 0; const held = events.addAbortListener(made.signal, () => count++); held[Symbol.dispose](); events.addAbortListener(made.signal, () => count += 10); made.abort(); return count; })()',
    '(() => { const { AsyncLocalStorage } = require("async_hooks"); const als = new AsyncLocalStorage(); const e = als.run("made", () => new events.EventEmitterAsyncResource({ name: "Q" })); let seen; e.on("x", () => (seen = als.getStore())); als.run("emit", () => e.emit("x")); return seen; })()',
  ]),
);
