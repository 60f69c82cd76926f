import { decodeMint, InvalidAccount } from '@oee/amm';
import { TOKEN_PROGRAMS } from '@oee/solana';
import type { Mint } from '../../domain/token.ts';
import { TokenList } from '../../domain/token-list.ts';
import type { Account, AccountReader } from '../../ports/account-reader.ts';
import { ACCOUNTS_PER_REQUEST } from '../../ports/chain-limits.ts';
import type { Logger } from '../../ports/logger.ts';
import type { LearningTokenRegistry } from '../../ports/token-registry.ts';
import { KNOWN_TOKENS } from './known-tokens.ts';

const MAX_DECIMALS = 18;

/**
 * Tokens from the chain's mints. They are kept for good, so all available nodes must agree; a mint on which they differ
 * is read again later. An address that is no mint is skipped with a warning, once.
 *
 * @param known Mint to symbol; other mints are shown shortened.
 */
export function createTokenRegistry(options: {
  /** One for each node. */
  readonly readers: readonly AccountReader[];
  readonly log: Logger;
  readonly known?: ReadonlyMap<string, string>;
}): LearningTokenRegistry {
  const { readers, log, known = KNOWN_TOKENS } = options;
  const tokens = new TokenList();
  const asked = new Set<string>();
  let learning: Promise<void> = Promise.resolve();

  async function learn(mints: readonly Mint[]): Promise<void> {
    const fresh = [...new Set(mints)].filter((mint) => !asked.has(mint));
    for (let start = 0; start < fresh.length; start += ACCOUNTS_PER_REQUEST) {
      const chunk = fresh.slice(start, start + ACCOUNTS_PER_REQUEST);
      const answers = await readAll(readers, chunk);
      for (const [index, mint] of chunk.entries()) {
        const [account, ...others] = answers.map((accounts) => accounts[index]);
        if (others.every((other) => isSameMint(account, other))) add(mint, account);
        else log.error({ mint }, 'token skipped: nodes disagree about its mint');
      }
    }
  }

  function add(mint: Mint, account: Account | undefined): void {
    if (account) asked.add(mint);
    const decimals = account && TOKEN_PROGRAMS.has(account.owner) ? decimalsOf(account.data) : null;
    if (!account || decimals === null) {
      log.warn({ mint }, 'token skipped: mint unreadable');
      return;
    }
    const symbol = uniqueSymbol(mint, known, tokens);
    tokens.add({ mint, symbol, decimals, tokenProgram: account.owner });
  }

  return {
    find: (symbolOrMint) => tokens.find(symbolOrMint),
    list: () => tokens.list(),
    learn(mints) {
      // Serial, so that a mint is read once and no two mints get the same symbol.
      const learned = learning.then(() => learn(mints));
      learning = learned.catch(() => undefined);
      return learned;
    },
  };
}

/** The answers of all available nodes. @throws {ChainUnavailable} No node answered: the first node's error. */
async function readAll(
  readers: readonly AccountReader[],
  mints: readonly Mint[],
): Promise<readonly (readonly (Account | undefined)[])[]> {
  const settled = await Promise.allSettled(readers.map((reader) => reader.accounts(mints)));
  const answers = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value.accounts] : []));
  const [first] = settled;
  if (answers.length === 0 && first?.status === 'rejected') throw first.reason;
  return answers;
}

/** Whether the fields that are kept for good agree; the supply may change between two answers. */
const isSameMint = (one: Account | undefined, other: Account | undefined): boolean =>
  one?.owner === other?.owner && (one && decimalsOf(one.data)) === (other && decimalsOf(other.data));

function decimalsOf(data: Uint8Array): number | null {
  try {
    const { decimals } = decodeMint(data);
    return decimals <= MAX_DECIMALS ? decimals : null;
  } catch (error) {
    if (error instanceof InvalidAccount) return null;
    throw error;
  }
}

/** The known symbol, or the shortest unique prefix of the mint. */
function uniqueSymbol(mint: Mint, known: ReadonlyMap<string, string>, taken: TokenList): string {
  const name = known.get(mint);
  if (name !== undefined && !taken.find(name)) return name;
  for (let length = 4; length < mint.length / 2; length += 1) {
    const short = `${mint.slice(0, length)}…${mint.slice(-length)}`;
    if (!taken.find(short)) return short;
  }
  return mint;
}
