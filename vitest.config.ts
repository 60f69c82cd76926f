import { defineConfig } from 'vitest/config';

// Tests run on the sources (condition `source`); child processes run the build that `pretest` made.
const conditions = ['source', 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    pool: 'forks',
    coverage: { include: ['packages/*/src/**/*.ts'], reporter: ['text-summary', 'html'] },
  },
});
