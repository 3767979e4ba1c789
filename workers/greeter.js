/** Greets by name, and asks the clock what part of the day it is. */
export default {
  async fetch(request, env) {
    const name = new URL(request.url).searchParams.get('name') ?? env.DEFAULT_NAME;
    const clock = await env.CLOCK.fetch('http://clock/');
    return new Response(`Good ${await clock.text()}, ${name}!`);
  },
};
