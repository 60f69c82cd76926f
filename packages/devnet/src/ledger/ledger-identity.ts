import { createHash } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeBase58 } from '@oee/amm';
import { LedgerDamaged } from './ledger-damage.ts';
import { readWholeFile } from './whole-file.ts';

/** The identity of a ledger's chain. Written once, when the ledger is created. */
export interface LedgerIdentity {
  readonly version: 1;
  /** Random, so that two ledgers of one seed are two chains. */
  readonly ledgerId: string;
  readonly seed: string;
  readonly market: string;
  /** Hash of the dumps with which the ledger began; absent without dumps. */
  readonly accounts?: string;
  /** When the ledger was created, milliseconds since 1970. */
  readonly createdAtMs: number;
}

/** The genesis hash, by which clients distinguish chains. */
export function genesisHashOf(identity: LedgerIdentity): string {
  const { version, ledgerId, seed, market, accounts, createdAtMs } = identity;
  const parts = ['oee-devnet', version, ledgerId, seed, market, createdAtMs];
  const text = JSON.stringify(accounts === undefined ? parts : [...parts, accounts]);
  return encodeBase58(createHash('sha256').update(text).digest());
}

interface StoredIdentity extends LedgerIdentity {
  /** The genesis hash; absent from ledgers of earlier versions. */
  readonly genesisHash?: string;
}

/** Null if there is none. @throws {LedgerDamaged} The content differs from the written one. */
export function readIdentity(directory: string): LedgerIdentity | null {
  const path = join(directory, 'ledger.json');
  const bytes = readWholeFile(path);
  if (bytes === null) return null;
  const { genesisHash, ...identity } = parse(bytes, path);
  if (genesisHash === undefined) writeIdentity(directory, identity);
  else if (genesisHash !== genesisHashOf(identity))
    throw new LedgerDamaged(path, 0, 'its genesis hash does not follow from the rest');
  return identity;
}

function parse(bytes: Buffer, path: string): StoredIdentity {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw new LedgerDamaged(path, 0, 'no JSON begins there');
  }
}

export function writeIdentity(directory: string, identity: LedgerIdentity): void {
  const path = join(directory, 'ledger.json');
  writeFileSync(
    `${path}.draft`,
    `${JSON.stringify({ ...identity, genesisHash: genesisHashOf(identity) }, null, 2)}\n`,
  );
  renameSync(`${path}.draft`, path);
}
