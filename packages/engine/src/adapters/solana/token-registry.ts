import { decodeMint, InvalidAccount } from '@oee/amm';
import type { Token } from '../../domain/token.ts';
import type { AccountReader } from '../../ports/account-reader.ts';
import type { Logger } from '../../ports/logger.ts';
import type { TokenRegistry } from '../../ports/token-registry.ts';
import { KNOWN_TOKENS } from './known-tokens.ts';

const TOKEN_PROGRAMS: ReadonlySet<string> = new Set([
  'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA',
  'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb',
]);
const ACCOUNTS_PER_CALL = 100;
const MAX_DECIMALS = 18;

/**
 * Reads decimals and token program of the mints from the chain. What is not a mint is left out with a warning.
 *
 * @param known Mint to symbol; other mints are shown shortened.
 * @throws {ChainUnavailable} The node could not be asked.
 */
export async function loadTokenRegistry(options: {
  readonly reader: AccountReader;
  readonly mints: readonly string[];
  readonly log: Logger;
  readonly known?: ReadonlyMap<string, string>;
}): Promise<TokenRegistry> {
  const { reader, log, known = KNOWN_TOKENS } = options;
  const mints = [...new Set(options.mints)];
  const tokens: Token[] = [];
  const symbols = new Set<string>();
  for (let start = 0; start < mints.length; start += ACCOUNTS_PER_CALL) {
    const chunk = mints.slice(start, start + ACCOUNTS_PER_CALL);
    const { accounts } = await reader.accounts(chunk);
    for (const [index, mint] of chunk.entries()) {
      const account = accounts[index];
      const decimals = account && TOKEN_PROGRAMS.has(account.owner) ? decimalsOf(account.data) : null;
      if (!account || decimals === null) {
        log.warn({ mint }, 'token left out: its mint cannot be read');
        continue;
      }
      const symbol = uniqueSymbol(mint, known, symbols);
      symbols.add(symbol.toLowerCase());
      tokens.push({ mint, symbol, decimals, tokenProgram: account.owner });
    }
  }
  return createTokenRegistry(tokens);
}

/** @param tokens Without two of one symbol, case aside. */
function createTokenRegistry(tokens: readonly Token[]): TokenRegistry {
  const byMint = new Map(tokens.map((token) => [token.mint, token]));
  const bySymbol = new Map(tokens.map((token) => [token.symbol.toLowerCase(), token]));
  return {
    find: (symbolOrMint) => byMint.get(symbolOrMint) ?? bySymbol.get(symbolOrMint.toLowerCase()),
    list: () => tokens,
  };
}

function decimalsOf(data: Uint8Array): number | null {
  try {
    const { decimals } = decodeMint(data);
    return decimals <= MAX_DECIMALS ? decimals : null;
  } catch (error) {
    if (error instanceof InvalidAccount) return null;
    throw error;
  }
}

/** The known name, or as much of the mint as nobody else shows. */
function uniqueSymbol(mint: string, known: ReadonlyMap<string, string>, taken: ReadonlySet<string>): string {
  const name = known.get(mint);
  if (name !== undefined && !taken.has(name.toLowerCase())) return name;
  for (let length = 4; length < mint.length / 2; length += 1) {
    const short = `${mint.slice(0, length)}…${mint.slice(-length)}`;
    if (!taken.has(short.toLowerCase())) return short;
  }
  return mint;
}
