import { defineConfig } from 'vitest/config';

// Fewer seeds and sequences, as they run once per mutation.
const conditions = ['source', 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['scripts/mutation/core.test.ts'],
    testTimeout: 30_000,
    env: { SIM_SEEDS: '60', MODEL_RUNS: '20' },
  },
});
