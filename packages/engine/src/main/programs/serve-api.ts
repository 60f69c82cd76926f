import { requireSettings } from '../../config/config.ts';
import { compose } from '../compose.ts';
import { NOT_RECOVERED } from '../review-restored.ts';
import { run } from '../run.ts';

await run(async (config, log) => {
  requireSettings(config, 'start:api', ['DATABASE_URL', 'REDIS_URL', 'DEVNET_URL']);
  const engine = await compose(config, log, 'api', NOT_RECOVERED);
  log.info({ url: engine.url, wallet: engine.wallet }, 'API ready');
  return engine;
});
