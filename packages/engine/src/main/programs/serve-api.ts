import { compose } from '../compose.ts';
import { NOT_RECOVERED } from '../review-restored.ts';
import { run } from '../run.ts';

await run(
  async (config, log) => {
    const engine = await compose(config, log, 'api', NOT_RECOVERED);
    log.info({ url: engine.url, wallet: engine.wallet }, 'API ready');
    return engine;
  },
  { command: 'start:api', names: ['DATABASE_URL', 'REDIS_URL', 'DEVNET_URL'] },
);
