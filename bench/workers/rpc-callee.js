/** Methods that do next to nothing. */
import { RpcTarget, WorkerEntrypoint } from 'cloudflare:workers';

class Chain extends RpcTarget {
  next() {
    return this;
  }
  end() {
    return 1;
  }
}

export default class extends WorkerEntrypoint {
  add(a, b) {
    return a + b;
  }
  async addAsync(a, b) {
    return a + b;
  }
  take(value) {
    return value.id;
  }
  echo(value) {
    return value;
  }
  length(bytes) {
    return bytes.length;
  }
  chain() {
    return new Chain();
  }
  fetch() {
    return new Response('hello');
  }
}

export const handlers = {
  async fetch() {
    return new Response('hello');
  },
};
