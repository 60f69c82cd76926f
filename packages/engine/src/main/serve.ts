import { existsSync } from 'node:fs';
import { DirectoryLocked } from '../adapters/postgres/directory-lock.ts';
import { MigrationRefused } from '../adapters/postgres/migrate.ts';
import { WalletFileRefused } from '../adapters/signers/wallet-file.ts';
import { InvalidConfig, readConfig } from '../config/config.ts';
import { createLogger } from '../telemetry/logger.ts';
import { compose } from './compose.ts';
import { DevnetRefused } from './devnet-process.ts';

// Longer than any orderly stop takes; whatever is in flight by then is found at the next start.
const STOP_TIMEOUT_MS = 20_000;

try {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const config = readConfig();
  const log = createLogger(config.LOG_LEVEL);
  const engine = await compose(config, log);
  greet(engine);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, async () => {
      log.info({ signal }, 'stopping');
      setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
      await engine.stop();
      process.exit(0);
    });
} catch (error) {
  const expected = [InvalidConfig, DirectoryLocked, DevnetRefused, WalletFileRefused, MigrationRefused].some(
    (kind) => error instanceof kind,
  );
  console.error(expected || isListenError(error) ? `Cannot start: ${(error as Error).message}` : error);
  process.exit(1);
}

function isListenError(error: unknown): boolean {
  return ['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL'].includes(
    (error as NodeJS.ErrnoException | null)?.code ?? '',
  );
}

function greet({ url, devnetUrl, wallet }: { url: string; devnetUrl: string; wallet: string }): void {
  const body = '{"type":"market","tokenIn":"SOL","tokenOut":"USDC","amountIn":"1"}';
  console.log(`
Order Execution Engine
  dashboard   ${url}/
  API         ${url}/api/orders
  devnet RPC  ${devnetUrl}
  wallet      ${wallet}

Try it:
  curl -s -H 'content-type: application/json' -d '${body}' ${url}/api/orders
`);
}
