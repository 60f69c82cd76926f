// Compiles the chaos run and what it uses of the tests, then starts it: npm run chaos -- --orders 2000 --seconds 300
import { runCompiled } from './run-compiled.mjs';

await runCompiled(
  'test/chaos/main.ts',
  ['test/chaos', 'test/support', 'packages/engine/test/support', 'packages/engine/test/simulation'],
  // The processes that it starts are the built ones.
  { 'packages/engine/dist': 'packages/engine/dist', 'packages/devnet/dist': 'packages/devnet/dist' },
);
