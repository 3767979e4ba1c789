/** A service whose exports, answers and failures are objects with traps; see r04-looks.js. */

const host = globalThis.witness ?? (() => {});
delete globalThis.witness;

function witness(what) {
  try {
    host(what);
  } catch {
    // the end of the stack
  }
}

const traps = Reflect.ownKeys(Reflect).filter((name) => typeof Reflect[name] === 'function');

function watched(target, where) {
  const handler = Object.fromEntries(
    traps.map((name) => [
      name,
      (...args) => {
        witness(`${where}: ${name} ${typeof args[1] === 'object' ? '' : String(args[1])}`);
        return Reflect[name](...args);
      },
    ]),
  );
  return new Proxy(target, handler);
}

function answer(kind) {
  switch (kind) {
    case 0:
      return watched(new Response('x'), 'a Response');
    case 1:
      return watched(Promise.resolve(new Response('x')), 'a promise');
    case 2:
      throw watched(new Error('x'), 'an error');
    case 3:
      return Promise.reject(watched(new Error('x'), 'a reason'));
    case 4:
      return {
        get then() {
          witness('an answer: get then');
          return undefined;
        },
      };
    case 5:
      return Object.setPrototypeOf(new Response('x'), watched({}, 'the prototype of a Response'));
    case 6:
      return new Response(watched(new ReadableStream(), 'a stream'));
    case 7:
      return new Response(
        new ReadableStream({ pull: (controller) => controller.enqueue(watched({}, 'a chunk')) }),
      );
    case 8:
      return new Response('x', watched({ status: 201, headers: { a: 'b' } }, 'an init'));
    case 9:
      return new Response(ReadableStream.from([watched(new Uint8Array(1), 'bytes')]));
    case 10:
      return watched({}, 'an object');
    default:
      return watched(() => {}, 'a function');
  }
}

const handlers = { fetch: (request) => answer(Number(new URL(request.url).pathname.slice(1))) };

export default watched(handlers, 'the default export');
export const other = watched({}, 'another export');
