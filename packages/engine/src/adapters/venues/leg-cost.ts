import type { LegCost } from '@oee/amm';
import type { LookupTable } from '../../ports/chain.ts';
import type { PoolAddresses, PoolProgram } from './pool-program.ts';
import type { WatchedPool } from './pool-reader.ts';

const ADDRESS_BYTES = 32;
const ENTRY_BYTES = 1;
/** Program, number of accounts and number of data bytes: one byte each at these sizes. */
const INSTRUCTION_BYTES = 3;

/**
 * The bytes and accounts that a swap through the pool adds to a transaction: its instruction, and the accounts that no
 * other leg names. The accounts of the wallet, of the tokens and of the program are counted with the swap frame.
 */
export function legCost<A extends PoolAddresses>(
  program: PoolProgram<A>,
  { addresses, tokens }: WatchedPool<A>,
  tables: readonly LookupTable[],
): LegCost {
  const wallet = { payer: 'payer', tokenAccountIn: 'in', tokenAccountOut: 'out' };
  const [tokenIn, tokenOut] = tokens;
  const amounts = { amountIn: 0n, amountOut: 0n };
  const { pool, vaults, mints } = addresses;
  const { accounts, data } = program.swapInstruction(addresses, {
    ...wallet,
    ...amounts,
    swapMode: 'exactIn',
    leg: {
      ...amounts,
      venue: program.venue,
      pool,
      poolKind: program.kind,
      tokenIn,
      tokenOut,
      fee: 0n,
      feeToken: tokenIn,
      vaultIn: vaults[0],
      vaultOut: vaults[1],
    },
  });
  const programs = tokens.map(({ tokenProgram }) => tokenProgram);
  const shared = new Set([...Object.values(wallet), ...mints, ...programs, ...program.sharedAccounts]);
  const own = [...new Set(accounts.map(({ address }) => address))].filter((address) => !shared.has(address));
  const held = new Set(tables.flatMap((table) => table.addresses));
  const bytes = own.reduce((sum, address) => sum + (held.has(address) ? ENTRY_BYTES : ADDRESS_BYTES), 0);
  return {
    accounts: own.length,
    bytes: INSTRUCTION_BYTES + accounts.length + data.length + bytes,
    computeUnits: program.swapComputeUnits,
  };
}
