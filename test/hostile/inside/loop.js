/** A service that calls itself. */

export default {
  fetch(request, env) {
    return env.LOOP.fetch(request.url);
  },
};
