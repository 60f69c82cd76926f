// Scores the router on markets with proven bounds: npm run -s score -- packages/amm/test/fixtures/markets_60.jsonl.gz
import { runCompiled } from './run-compiled.mjs';

await runCompiled(
  'bench/score/main.ts',
  ['bench/score', 'packages/amm/test/checks', 'packages/amm/test/markets'],
  { 'packages/amm/src': 'packages/amm/dist' },
);
