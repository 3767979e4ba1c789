/** Measures calls from inside a realm. GET /?case=library|direct|channel&samples=N&batch=N answers with microseconds per call. */

async function library() {
  return 'hello';
}

async function call(service) {
  const response = await service.fetch('http://callee/');
  return await response.text(); // without `await`, the engine would spend two more turns of its own
}

async function measure(run, samples, batch) {
  const micros = [];
  for (let i = 0; i < samples; i++) {
    const began = performance.now();
    for (let j = 0; j < batch; j++) await run();
    micros.push(((performance.now() - began) * 1000) / batch);
  }
  return micros;
}

async function measureConcurrent(run, samples, width) {
  const micros = [];
  for (let i = 0; i < samples; i++) {
    const began = performance.now();
    await Promise.all(Array.from({ length: width }, run));
    micros.push(((performance.now() - began) * 1000) / width);
  }
  return micros;
}

export default {
  async fetch(request, env) {
    const { searchParams } = new URL(request.url);
    const samples = Number(searchParams.get('samples'));
    const batch = Number(searchParams.get('batch'));
    const runs = {
      library,
      direct: () => call(env.DIRECT),
      channel: () => call(env.CHANNEL),
    };
    const run = runs[searchParams.get('case')];
    const width = Number(searchParams.get('width') ?? 1);
    const micros =
      width > 1 ? await measureConcurrent(run, samples, width) : await measure(run, samples, batch);
    return Response.json(micros);
  },
};
