import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { addressBytes } from '@oee/solana';
import type { GenesisAccount } from '../genesis-account.ts';

/** Accounts and programs of another cluster, as files hold them. */
export interface AccountDumps {
  readonly accounts: readonly GenesisAccount[];
  readonly programs: readonly { readonly address: string; readonly elf: Uint8Array }[];
  /** Equal for equal dumps, whatever their files are called. */
  readonly hash: string;
}

interface AccountJson {
  readonly lamports: string;
  readonly data: unknown;
  readonly owner: unknown;
  readonly executable: unknown;
}

/**
 * Reads a directory of dumps: `*.json` as `solana account --output json` or `getAccountInfo` gives them, and `ADDRESS.so`
 * as `solana program dump` gives programs. Other files are passed over.
 *
 * @throws {Error} One line that names the file and what is wrong with it.
 */
export function readDumps(directory: string): AccountDumps {
  const accounts = new Map<string, GenesisAccount>();
  const programs = new Map<string, Uint8Array>();
  for (const file of listFiles(directory)) {
    const path = join(directory, file);
    try {
      if (file.endsWith('.so')) programs.set(requireAddress(basename(file, '.so')), readFileSync(path));
      if (!file.endsWith('.json')) continue;
      const account = parseDump(readFileSync(path, 'utf8'), basename(file, '.json'));
      if (accounts.has(account.address)) throw new Error(`the account ${account.address} is there twice`);
      accounts.set(account.address, account);
    } catch (error) {
      throw new Error(`--accounts: ${path}: ${(error as Error).message}`);
    }
  }
  if (accounts.size + programs.size === 0) throw new Error(`--accounts: ${directory} holds no dumps.`);
  return {
    accounts: [...accounts.values()],
    programs: [...programs].map(([address, elf]) => ({ address, elf })),
    hash: hashOf(accounts, programs),
  };
}

function listFiles(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    throw new Error(`--accounts: ${directory} is not a directory that can be read.`);
  }
}

/** @param name The file's name without its extension: the address if the JSON has none. */
function parseDump(text: string, name: string): GenesisAccount {
  // Lamports may exceed the largest exact JSON number.
  const json = JSON.parse(text.replaceAll(/("lamports"\s*:\s*)(\d+)/g, '$1"$2"'));
  const value = (json?.account ?? json?.result?.value ?? json?.value) as AccountJson | null | undefined;
  if (!value) throw new Error('there is no account in it');
  const { lamports, data, owner, executable } = value;
  if (executable === true)
    throw new Error('it is a program; dump it with "solana program dump ADDRESS ADDRESS.so"');
  if (!/^\d+$/.test(lamports)) throw new Error('its lamports are not a whole number');
  return {
    address: requireAddress(json.pubkey ?? name),
    lamports: BigInt(lamports),
    owner: requireAddress(owner),
    executable: false,
    data: parseData(data),
  };
}

function parseData(data: unknown): Uint8Array {
  const [text, encoding] = Array.isArray(data) ? data : [];
  if (encoding === 'base64' && typeof text === 'string') return new Uint8Array(Buffer.from(text, 'base64'));
  throw new Error(`its data is not ["…", "base64"]; ask for that encoding`);
}

function requireAddress(value: unknown): string {
  if (typeof value === 'string' && addressBytes(value) !== null) return value;
  throw new Error(`${JSON.stringify(value)} is not an address`);
}

function hashOf(
  accounts: ReadonlyMap<string, GenesisAccount>,
  programs: ReadonlyMap<string, Uint8Array>,
): string {
  const hash = createHash('sha256');
  for (const address of [...accounts.keys()].sort()) {
    const { lamports, owner, data } = accounts.get(address)!;
    hash.update(`${address} ${lamports} ${owner} ${data.length} `).update(data);
  }
  for (const address of [...programs.keys()].sort())
    hash.update(`${address} `).update(programs.get(address)!);
  return hash.digest('hex');
}
