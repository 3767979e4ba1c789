/** The example deployment: `npm start` serves it. See docs/configuration.md for every field. */
export default {
  apps: [
    {
      name: 'gateway',
      script: 'workers/gateway.ts',
      compatibilityDate: '2026-11-01',
      bindings: { GREETER: { service: 'greeter' }, CALCULATOR: { service: 'calculator' } },
    },
    {
      name: 'greeter',
      script: 'workers/greeter.js',
      compatibilityDate: '2026-11-01',
      bindings: { CLOCK: { service: 'clock' }, DEFAULT_NAME: 'world' },
    },
    { name: 'calculator', script: 'workers/calculator/index.ts', compatibilityDate: '2026-11-01' },
    { name: 'clock', script: 'workers/clock.js', compatibilityDate: '2026-11-01' },
  ],
  sockets: [{ name: 'http', address: '127.0.0.1:8787', service: 'gateway' }],
};
