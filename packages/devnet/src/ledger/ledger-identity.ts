import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeBase58 } from '../chain/base58.ts';

/** What makes a ledger's chain this one and no other. Written once, when the ledger is created. */
export interface LedgerIdentity {
  readonly version: 1;
  /** Random, so that two ledgers of one seed are two chains. */
  readonly ledgerId: string;
  readonly seed: string;
  readonly market: string;
  /** Hash of the dumps that it began with; absent where there were none. */
  readonly accounts?: string;
  /** When the ledger was created, milliseconds since 1970. */
  readonly createdAtMs: number;
}

/** The genesis hash, by which clients tell chains apart. */
export function genesisHashOf(identity: LedgerIdentity): string {
  const { version, ledgerId, seed, market, accounts, createdAtMs } = identity;
  const parts = ['oee-devnet', version, ledgerId, seed, market, createdAtMs];
  const text = JSON.stringify(accounts === undefined ? parts : [...parts, accounts]);
  return encodeBase58(createHash('sha256').update(text).digest());
}

export function readIdentity(directory: string): LedgerIdentity | null {
  const path = join(directory, 'ledger.json');
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
}

export function writeIdentity(directory: string, identity: LedgerIdentity): void {
  const path = join(directory, 'ledger.json');
  writeFileSync(`${path}.draft`, `${JSON.stringify(identity, null, 2)}\n`);
  renameSync(`${path}.draft`, path);
}
