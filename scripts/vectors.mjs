// Checks quotes against recorded swaps: npm run -s vectors -- packages/amm/test/vectors/raydium_clmm.json
import { runCompiled } from './run-compiled.mjs';

await runCompiled('packages/amm/test/checks/main.ts', ['packages/amm/test/checks'], {
  'packages/amm/src': 'packages/amm/dist',
});
