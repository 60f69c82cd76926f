import { decodeMint, type TransferFee, transferFeeAt } from '@oee/amm';
import { TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from '@oee/solana';
import type { GenesisAccount } from '../../genesis-account.ts';
import { createAccountBytes } from '../../pools/account-bytes.ts';
import { createMint, createTokenAccount, rentExemptLamports } from '../../pools/token-accounts.ts';
import type { Draws } from '../draws.ts';

/** A mint of SPL Token, of Token-2022, or of Token-2022 with a transfer fee. */
export interface DrawnToken {
  readonly mint: string;
  readonly program: string;
  readonly mintAccount: GenesisAccount;
  account(options: { address: string; owner: string; amount: bigint }): GenesisAccount;
}

interface FeeSetting {
  readonly epoch: bigint;
  readonly maximumFee: bigint;
  readonly feeBps: number;
}

/** Layout: solana-program/token-2022, extension/mod.rs: account type at 165, then type, length and value of each. */
const MINT_BYTES = 82;
const ACCOUNT_BYTES = 165;
const FEE_CONFIG = { type: 1, bytes: 108 };
const FEE_AMOUNT = { type: 2, bytes: 8 };

export function drawToken(draws: Draws, mint: string, epoch: bigint): DrawnToken {
  const decimals = draws.pick([6, 9, 0]);
  const choice = draws.pick(['spl', 'spl', 'token-2022', 'with-fee'] as const);
  const program = choice === 'spl' ? TOKEN_PROGRAM : TOKEN_2022_PROGRAM;
  const plain = createMint({ address: mint, decimals, supply: 2n ** 63n, program });
  if (choice !== 'with-fee') {
    return {
      mint,
      program,
      mintAccount: plain,
      account: (account) => createTokenAccount({ ...account, mint, program }),
    };
  }
  const fees = [drawFee(draws, 0n), drawFee(draws, epoch + draws.pick([0n, 1n]))] as const;
  return {
    mint,
    program,
    mintAccount: withBytes(plain, mintWithFee(plain.data, fees)),
    account: (account) => {
      const token = createTokenAccount({ ...account, mint, program });
      return withBytes(token, accountWithFee(token.data));
    },
  };
}

/** The fee that a mint takes from transfers in this epoch, or null. */
export function transferFeeOfMint(mint: Uint8Array, epoch: bigint): TransferFee | null {
  const { transferFeeConfig } = decodeMint(mint);
  return transferFeeConfig && transferFeeAt(transferFeeConfig, epoch);
}

function drawFee(draws: Draws, epoch: bigint): FeeSetting {
  const feeBps = draws.once(10) ? draws.pick([9_999, 10_000]) : draws.pick([0, 1, 50, 333]);
  const maximumFee = draws.pick([2n ** 64n - 1n, 0n, 5_000n, 10n ** 12n]);
  return { epoch, maximumFee, feeBps };
}

function mintWithFee(mint: Uint8Array, [older, newer]: readonly [FeeSetting, FeeSetting]): Uint8Array {
  const start = ACCOUNT_BYTES + 5;
  const data = createAccountBytes(start + FEE_CONFIG.bytes)
    .raw(0, mint.subarray(0, MINT_BYTES))
    .u8(ACCOUNT_BYTES, 1)
    .u16(ACCOUNT_BYTES + 1, FEE_CONFIG.type)
    .u16(ACCOUNT_BYTES + 3, FEE_CONFIG.bytes);
  for (const [offset, fee] of [[start + 72, older] as const, [start + 90, newer] as const])
    data
      .u64(offset, fee.epoch)
      .u64(offset + 8, fee.maximumFee)
      .u16(offset + 16, fee.feeBps);
  return data.bytes;
}

function accountWithFee(account: Uint8Array): Uint8Array {
  return createAccountBytes(ACCOUNT_BYTES + 5 + FEE_AMOUNT.bytes)
    .raw(0, account)
    .u8(ACCOUNT_BYTES, 2)
    .u16(ACCOUNT_BYTES + 1, FEE_AMOUNT.type)
    .u16(ACCOUNT_BYTES + 3, FEE_AMOUNT.bytes).bytes;
}

function withBytes(account: GenesisAccount, data: Uint8Array): GenesisAccount {
  return { ...account, data, lamports: rentExemptLamports(data.length) };
}
