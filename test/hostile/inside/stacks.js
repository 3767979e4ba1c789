/** A service that tells its stack. */

export default {
  fetch() {
    return new Response(new Error('here').stack);
  },
};
