/** Answers with five bytes: the least that a call can carry. */
export default {
  async fetch() {
    return new Response('hello');
  },
};
