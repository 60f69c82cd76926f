import { NATIVE_MINT, SYSTEM_PROGRAM } from '@oee/solana';
import { createSeededKeypair } from '../src/market/keypair.ts';
import { METEORA_DLMM_EVENT_AUTHORITY } from '../src/pools/addresses.ts';
import { type DlmmAddresses, type DlmmPoolState, dlmmArrayIndex } from '../src/pools/dlmm-state.ts';
import {
  createDlmmPool,
  createDlmmSwap,
  createDlmmVaults,
  deriveDlmmAddresses,
} from '../src/pools/meteora-dlmm.ts';
import { createMint, createTokenAccount } from '../src/pools/token-accounts.ts';
import { createProgramVm, type ProgramVm, trader } from './program-vm.ts';

const USDC = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v';
/** More than any bin can take or give. */
export const START = (1n << 63n) - 1n;

export interface DlmmWorld {
  readonly vm: ProgramVm;
  addresses(): DlmmAddresses;
  readonly userX: string;
  readonly userY: string;
  /** Sets a SOL/USDC pool of these bins; vaults and the trader start with more than any swap can move. */
  place(pool: DlmmPoolState): Promise<void>;
  swap(options: {
    isXToY: boolean;
    first: bigint;
    second: bigint;
    isExactOut?: boolean;
    host?: string;
    binArrays?: readonly string[];
  }): ReturnType<typeof createDlmmSwap>;
  /** What the trader gained (or lost, negative) since `place`. */
  deltas(): { x: bigint; y: bigint };
}

export function createDlmmWorld(): DlmmWorld {
  const vm = createProgramVm();
  const userX = createSeededKeypair('dlmm', 'user x').address;
  const userY = createSeededKeypair('dlmm', 'user y').address;
  const owner = trader.address;
  const [mintX, mintY] = [NATIVE_MINT, USDC];
  let addresses: DlmmAddresses | null = null;
  const placed = (): DlmmAddresses => {
    if (addresses === null) throw new Error('place a pool first');
    return addresses;
  };
  return {
    vm,
    addresses: placed,
    userX,
    userY,
    async place(pool) {
      const arrayIndexes = [...new Set(pool.bins.map(({ id }) => dlmmArrayIndex(id)))];
      addresses = await deriveDlmmAddresses({ mintX, mintY, ...pool, arrayIndexes });
      vm.set([
        createMint({ address: mintX, decimals: 9, supply: 2n ** 64n - 1n }),
        createMint({ address: mintY, decimals: 6, supply: 2n ** 64n - 1n }),
        ...(await createDlmmPool(addresses, pool)),
        ...createDlmmVaults(addresses, { amountX: START, amountY: START }),
        createTokenAccount({ address: userX, mint: mintX, owner, amount: START }),
        createTokenAccount({ address: userY, mint: mintY, owner, amount: START }),
        {
          address: METEORA_DLMM_EVENT_AUTHORITY,
          lamports: 1_000_000_000n,
          owner: SYSTEM_PROGRAM,
          executable: false,
          data: new Uint8Array(),
        },
      ]);
    },
    swap: ({ isXToY, ...swap }) =>
      createDlmmSwap({
        addresses: placed(),
        payer: trader.address,
        userIn: isXToY ? userX : userY,
        userOut: isXToY ? userY : userX,
        isXToY,
        ...swap,
      }),
    deltas: () => ({ x: vm.tokenAmount(userX) - START, y: vm.tokenAmount(userY) - START }),
  };
}
