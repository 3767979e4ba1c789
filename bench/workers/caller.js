/** Measures calls from inside a realm. GET /?case=library|direct|channel&samples=N&batch=N answers with microseconds per call. */

async function library() {
  return 'hello';
}

/** Each case is a loop of its own, as a worker has it: a loop that calls what it is given would measure that as well. */
function loopsOf({ DIRECT, CHANNEL }) {
  return {
    async library(count) {
      for (let i = 0; i < count; i++) await library();
    },
    async direct(count) {
      for (let i = 0; i < count; i++) {
        const response = await DIRECT.fetch('http://callee/');
        await response.text();
      }
    },
    async channel(count) {
      for (let i = 0; i < count; i++) {
        const response = await CHANNEL.fetch('http://callee/');
        await response.text();
      }
    },
  };
}

async function measure(loop, samples, batch) {
  const micros = [];
  for (let i = 0; i < samples; i++) {
    const began = performance.now();
    await loop(batch);
    micros.push(((performance.now() - began) * 1000) / batch);
  }
  return micros;
}

export default {
  async fetch(request, env) {
    const { searchParams } = new URL(request.url);
    const samples = Number(searchParams.get('samples'));
    const batch = Number(searchParams.get('batch'));
    return Response.json(await measure(loopsOf(env)[searchParams.get('case')], samples, batch));
  },
};
