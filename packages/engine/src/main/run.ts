import { DirectoryLocked, DirectoryReplaced, LockUnavailable } from '@oee/directory-lock';
import { BindingRefused } from '../adapters/postgres/binding.ts';
import { MigrationRefused } from '../adapters/postgres/migrate.ts';
import { MoveRefused } from '../adapters/postgres/move-database.ts';
import { UnannouncedPooler } from '../adapters/postgres/open-postgres.ts';
import { DatabaseRefused } from '../adapters/postgres/pglite/pglite.ts';
import { WalletFileRefused } from '../adapters/signers/wallet-file.ts';
import { type Config, InvalidConfig, type Needs, readConfig } from '../config/config.ts';
import { loadEnvFile } from '../config/env-file.ts';
import { RecoveryImpossible } from '../execution/recovery/read-wallet-history.ts';
import { AnotherChain } from '../ports/chain.ts';
import type { Logger } from '../ports/logger.ts';
import { createLogger } from '../telemetry/logger.ts';
import { NoWallet } from './await-wallet.ts';
import { DevnetRefused } from './devnet-process.ts';
import { MovedAway } from './moved-mark.ts';
import { RedisClaimed } from './open-transport.ts';
import { RecoveryUnfinished } from './review-restored.ts';

// Longer than any orderly stop; the next start finds what is still in flight.
const STOP_TIMEOUT_MS = 20_000;
const SAME_SIGNAL_MS = 1_000;

/** A program that runs until it is stopped. */
interface Running {
  stop(): Promise<void>;
  /** Settles when the program must exit by itself. */
  readonly lost?: Promise<Error>;
}

/**
 * Starts a process of the engine from the environment, and stops it in order at SIGINT or SIGTERM. What a user can put
 * right is told in one line; anything else with its stack.
 */
export async function run(
  start: (config: Config, log: Logger) => Promise<Running | undefined>,
  needs?: Needs,
): Promise<void> {
  try {
    loadEnvFile('.env');
    const config = readConfig(undefined, needs);
    const log = createLogger(config.LOG_LEVEL);
    const running = await start(config, log);
    if (running) stopAtSignal(running, log);
  } catch (error) {
    console.error(isExpected(error) ? `Cannot start: ${tell(error as Error)}` : error);
    process.exit(1);
  }
}

/** Ctrl-C reaches a process twice under npm, from the terminal and from npm; only a signal after that means haste. */
function stopAtSignal(running: Running, log: Logger): void {
  let stoppingSince: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (stoppingSince !== undefined) {
        if (performance.now() - stoppingSince > SAME_SIGNAL_MS) process.exit(1);
        return;
      }
      stoppingSince = performance.now();
      log.info({ signal }, 'stopping');
      void stop(running, 0);
    });
  void running.lost?.then((error) => {
    log.error({ error }, 'database binding or Redis claim lost, stopping');
    return stop(running, 1);
  });
}

async function stop(running: Running, exitCode: number): Promise<void> {
  setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
  await running.stop();
  process.exit(exitCode);
}

const EXPECTED = [
  InvalidConfig,
  DirectoryLocked,
  DirectoryReplaced,
  LockUnavailable,
  DatabaseRefused,
  DevnetRefused,
  WalletFileRefused,
  MigrationRefused,
  UnannouncedPooler,
  BindingRefused,
  RedisClaimed,
  AnotherChain,
  NoWallet,
  RecoveryImpossible,
  RecoveryUnfinished,
  MoveRefused,
  MovedAway,
];
/** Errors of the system, with the user's remedy. */
const REFUSALS: Readonly<Record<string, string>> = {
  EROFS: 'the file system is read-only: name a DATA_DIR that can be written',
  ENOSPC: 'the disk of DATA_DIR is full',
  EDQUOT: 'the quota of the disk is used up',
  EMFILE: 'the process may open too few files: raise its limit, 1024 is enough (ulimit -n)',
  ENFILE: 'the system may open too few files',
  ENOTDIR: 'a part of the path is a file, where a directory is meant',
  EISDIR: 'there is a directory, where a file is meant',
  EEXIST: 'there is a file, where a directory is meant',
  EPERM: 'this user may not do that',
  EIO: 'the disk does not work',
};
/** Ports that are taken; a database that is not there, or not for this user. */
const EXPECTED_CODES = /^(EADDRINUSE|EACCES|EADDRNOTAVAIL|ECONNREFUSED|ENOTFOUND|28P01|28000|3D000|57P03)$/;

const isExpected = (error: unknown): boolean =>
  EXPECTED.some((kind) => error instanceof kind) ||
  EXPECTED_CODES.test(codeOf(error)) ||
  codeOf(error) in REFUSALS;

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | null)?.code ?? '';

function tell(error: Error): string {
  const refusal = REFUSALS[codeOf(error)];
  return refusal === undefined ? error.message : `${error.message} (${refusal})`;
}
