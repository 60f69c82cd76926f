import { requireSettings } from '../config/config.ts';
import { compose } from './compose.ts';
import { run } from './run.ts';

await run(async (config, log) => {
  requireSettings(config, 'start:worker', ['DATABASE_URL', 'REDIS_URL', 'DEVNET_URL', 'WALLET_FILE']);
  const engine = await compose(config, log, 'worker');
  log.info({ wallet: engine.wallet }, 'worker ready');
  return engine;
});
