// Scores the router on markets with proven bounds: npm run -s score -- packages/amm/test/fixtures/markets_60.jsonl.gz
// or on seeded markets: npm run -s score -- --seeds 401-408 --max-legs 4
import { runCompiled } from './run-compiled.mjs';

await runCompiled(
  'bench/score/main.ts',
  ['bench/score', 'packages/amm/test/checks', 'packages/amm/test/markets'],
  { 'packages/amm/src': 'packages/amm/dist' },
);
