import { requireSettings } from '../../config/config.ts';
import { compose } from '../compose.ts';
import { readStartOptions } from '../review-restored.ts';
import { run } from '../run.ts';

await run(async (config, log) => {
  requireSettings(config, 'start:worker', ['DATABASE_URL', 'REDIS_URL', 'DEVNET_URL', 'WALLET_FILE']);
  const engine = await compose(config, log, 'worker', readStartOptions());
  log.info({ wallet: engine.wallet }, 'worker ready');
  return engine;
});
