import { encodeBase58 } from '@oee/amm';
import { JUPITER_EVENT_AUTHORITY, JUPITER_PROGRAM } from '../../src/adapters/venues/jupiter/jupiter-swap.ts';
import type { AccountUse, Instruction } from '../../src/ports/chain.ts';

const TOKEN_PROGRAM = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
export const SHARED_ACCOUNTS_ROUTE_V2 = 'd19853937cfed8e9';

export interface SharedRoute {
  readonly wallet: string;
  readonly source: string;
  readonly destination: string;
  readonly mintIn: string;
  readonly mintOut: string;
  readonly inAmount: bigint;
  readonly quotedOut: bigint;
  readonly slippageBps: number;
  readonly platformFeeBps?: number;
  readonly positiveSlippageBps?: number;
  readonly discriminator?: string;
}

/**
 * `shared_accounts_route_v2` with one step, byte by byte as Jupiter's interface description has it, and as its API
 * returns it: twelve accounts, then those of the pools.
 */
export function sharedRoute(route: SharedRoute): Instruction {
  const any = (seed: number) => encodeBase58(Buffer.alloc(32, seed));
  const readonly = (address: string): AccountUse => ({ address, signer: false, writable: false });
  const writable = (address: string): AccountUse => ({ address, signer: false, writable: true });
  const head = Buffer.alloc(31);
  head.write(route.discriminator ?? SHARED_ACCOUNTS_ROUTE_V2, 'hex');
  head[8] = 5; // Which of the program's authorities.
  head.writeBigUInt64LE(route.inAmount, 9);
  head.writeBigUInt64LE(route.quotedOut, 17);
  head.writeUInt16LE(route.slippageBps, 25);
  head.writeUInt16LE(route.platformFeeBps ?? 0, 27);
  head.writeUInt16LE(route.positiveSlippageBps ?? 0, 29);
  // One step: number of steps, kind of swap, its share in basis points, indices of its input and output.
  const plan = Buffer.from('010000001e10270001', 'hex');
  return {
    programAddress: JUPITER_PROGRAM,
    accounts: [
      readonly(any(31)), // program_authority
      { address: route.wallet, signer: true, writable: false },
      writable(route.source),
      writable(any(32)), // program_source_token_account
      writable(any(33)), // program_destination_token_account
      writable(route.destination),
      readonly(route.mintIn),
      readonly(route.mintOut),
      readonly(TOKEN_PROGRAM),
      readonly(TOKEN_PROGRAM),
      readonly(JUPITER_EVENT_AUTHORITY),
      readonly(JUPITER_PROGRAM),
      readonly(any(34)), // The pool's program and accounts.
      writable(any(35)),
    ],
    data: Buffer.concat([head, plan]),
  };
}
