import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { encodeBase58 } from '@oee/amm';
import { generateSecretKey, InvalidSecretKey, readSecretKey } from './ed25519-key.ts';

export interface Wallet {
  /** Base58. */
  readonly address: string;
  /** 64 bytes: seed and public key. */
  readonly secretKey: Uint8Array;
  /** Whether this call created the file. */
  readonly isNew: boolean;
}

/** The file cannot be used as a wallet. The message names the reason and the remedy, and never quotes the file. */
export class WalletFileRefused extends Error {
  override name = 'WalletFileRefused';
}

const OWNER_ONLY = 0o600;
const GROUP_AND_OTHERS = 0o077;

/**
 * Loads the wallet, or creates one if there is no file. Format of the Solana CLI: a JSON array of 64 bytes. A new file
 * appears whole and with mode 0600, or not at all. Two processes that start together both get the wallet that was
 * created first.
 *
 * @param beforeMaking Called if there is no file. If it throws, no file is created.
 * @throws {WalletFileRefused} No file, readable by others, or not a key pair.
 */
export async function loadOrCreateWallet(
  path: string,
  beforeMaking: () => Promise<void> = async () => {},
): Promise<Wallet> {
  const wallet = await loadWallet(path);
  if (wallet) return wallet;
  await beforeMaking();
  return createWallet(path);
}

/** Null if there is no such file. @throws {WalletFileRefused} Readable by others, or not a key pair. */
export async function loadWallet(path: string): Promise<Wallet | null> {
  let text: string;
  try {
    const found = await stat(path);
    const { mode } = found;
    if (!found.isFile())
      throw new WalletFileRefused(
        `The wallet ${path} is no file, but a directory or a device: name the key pair itself.`,
      );
    if (process.platform !== 'win32' && (mode & GROUP_AND_OTHERS) !== 0)
      throw new WalletFileRefused(`The wallet ${path} can be read by others; run: chmod 600 ${path}`);
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
  const secretKey = parseKey(text, path);
  return { address: encodeBase58(secretKey.subarray(32)), secretKey, isNew: false };
}

async function createWallet(path: string): Promise<Wallet> {
  await mkdir(dirname(path), { recursive: true });
  const secretKey = generateSecretKey();
  const draft = `${path}.${randomUUID()}.tmp`;
  const file = await open(draft, 'wx', OWNER_ONLY);
  try {
    await file.writeFile(`${JSON.stringify([...secretKey])}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path); // Fails if another process was faster; a rename would replace its wallet.
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    const theirs = await loadWallet(path);
    if (theirs) return theirs;
    throw error;
  } finally {
    await unlink(draft);
  }
  return { address: encodeBase58(secretKey.subarray(32)), secretKey, isNew: true };
}

function parseKey(text: string, path: string): Uint8Array {
  const numbers = parseNumbers(text);
  if (!numbers) throw new WalletFileRefused(`The wallet ${path} is not a JSON array of 64 bytes.`);
  try {
    const secretKey = Uint8Array.from(numbers);
    readSecretKey(secretKey);
    return secretKey;
  } catch (error) {
    if (error instanceof InvalidSecretKey)
      throw new WalletFileRefused(`The wallet ${path} is not a key pair: ${error.message}.`);
    throw error;
  }
}

function parseNumbers(text: string): number[] | null {
  try {
    const value: unknown = JSON.parse(text);
    const isByte = (each: unknown) =>
      Number.isInteger(each) && (each as number) >= 0 && (each as number) <= 255;
    return Array.isArray(value) && value.every(isByte) ? (value as number[]) : null;
  } catch {
    return null; // The parser's own message would quote the file.
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && (error as NodeJS.ErrnoException).code === code;
