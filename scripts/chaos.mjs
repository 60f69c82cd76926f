// Compiles the chaos run and its test support, then starts it: npm run chaos -- --orders 2000 --seconds 300
import { runCompiled } from './run-compiled.mjs';

await runCompiled(
  'test/chaos/main.ts',
  ['test/chaos', 'test/support', 'packages/engine/test/support', 'packages/engine/test/simulation'],
  // It starts the built processes.
  { 'packages/engine/dist': 'packages/engine/dist', 'packages/devnet/dist': 'packages/devnet/dist' },
);
