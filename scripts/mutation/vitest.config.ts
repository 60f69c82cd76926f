import { defineConfig } from 'vitest/config';

// The suites that run the core in this process; fewer seeds and sequences, as they run once per mutation.
const conditions = ['source', 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      'packages/engine/src/{domain,execution}/**/*.test.ts',
      'packages/engine/test/{execute-order,cancel-order,held-order,interleavings,prove-absence,review-order}.test.ts',
      'packages/engine/test/{receipt-guard,recover-lost-attempts,routes,explain,market-watch}.test.ts',
      'packages/engine/test/simulation/simulation.test.ts',
    ],
    testTimeout: 30_000,
    env: { SIM_SEEDS: '120', MODEL_RUNS: '40' },
  },
});
