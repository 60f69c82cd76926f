import { parseArgs } from 'node:util';
import { InvalidConfig } from '../config/config.ts';
import type { WithRememberedOrders } from '../execution/proofs/remembered-orders.ts';
import { recoverLostAttempts } from '../execution/recovery/recover-lost-attempts.ts';
import type { RecoveryLog } from '../ports/recovery-log.ts';

/** The options of the command line. */
export interface StartOptions {
  /** The database was restored from a backup: the engine compares it with the chain before it executes any order. */
  readonly recovered: boolean;
}

/** Options of a process that signs nothing. */
export const NOT_RECOVERED: StartOptions = { recovered: false };

/** @throws {InvalidConfig} An argument that does not exist: a misspelled one must not be ignored. */
export function readStartOptions(args: string[] = process.argv.slice(2)): StartOptions {
  try {
    const { values } = parseArgs({ args, options: { recovered: { type: 'boolean', default: false } } });
    return values;
  } catch (error) {
    throw new InvalidConfig((error as Error).message);
  }
}

/** The comparison of a restored database with the chain has not finished. */
export class RecoveryUnfinished extends Error {
  override name = 'RecoveryUnfinished';
}

/** Runs the recovery if the start has `--recovered`. @throws {RecoveryUnfinished} An earlier recovery was interrupted. */
export async function reviewRestored(
  ports: WithRememberedOrders,
  recoveries: RecoveryLog,
  recovered: boolean,
): Promise<void> {
  if (recovered) await recoverLostAttempts(ports, recoveries);
  else if (await recoveries.isUnfinished())
    throw new RecoveryUnfinished(
      'the comparison of a restored database with the chain was begun and not finished: start one process with --recovered first',
    );
}
