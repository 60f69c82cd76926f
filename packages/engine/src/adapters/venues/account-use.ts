import type { AccountUse } from '../../ports/chain.ts';

/** How an instruction uses an account. */

export const readonly = (address: string): AccountUse => ({ address, signer: false, writable: false });
export const writable = (address: string): AccountUse => ({ address, signer: false, writable: true });
/** Signs for its token accounts, and pays nothing itself. */
export const authority = (address: string): AccountUse => ({ address, signer: true, writable: false });
