/** What realms have and Node.js has not, for the functions of the contract: they are type-checked here, and run in workers. */

declare global {
  var WebSocketPair: { new (): { readonly 0: WebSocket; readonly 1: WebSocket } };

  interface WebSocket {
    accept(options?: { allowHalfOpen?: boolean }): void;
  }

  interface ResponseInit {
    webSocket?: WebSocket | null;
  }

  interface Response {
    readonly webSocket: WebSocket | null;
  }
}

export {};
