import { compose } from '../compose.ts';
import { readStartOptions } from '../review-restored.ts';
import { run } from '../run.ts';

await run(
  async (config, log) => {
    const engine = await compose(config, log, 'worker', readStartOptions());
    log.info({ wallet: engine.wallet }, 'worker ready');
    return engine;
  },
  { command: 'start:worker', names: ['DATABASE_URL', 'REDIS_URL', 'DEVNET_URL', 'WALLET_FILE'] },
);
