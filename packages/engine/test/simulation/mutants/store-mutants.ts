import type { Mutant } from '../mutant.ts';

/** What the store compares before it writes. */
export const STORE_MUTANTS: readonly Mutant[] = [
  {
    name: 'lease-without-fence',
    why: 'the sequence is compared anyway',
    file: 'adapters/memory/order-store.ts',
    find: 'if (change.fence !== null && !leased(change.order.request.orderId, change.fence))',
    replace: 'if (change.fence !== null && change.fence > entry.fence)',
  },
  {
    name: 'fence-not-raised',
    why: 'the lease protects the order',
    file: 'adapters/memory/order-leases.ts',
    find: 'entry.fence += 1;',
    replace: 'entry.fence ||= 1;',
  },
  {
    name: 'live-lease-claimed',
    why: 'a worker that was woken may have the order',
    file: 'adapters/memory/order-leases.ts',
    find: 'isDue(entry) && !hasLiveLease(entry);',
    replace: 'isDue(entry) && (!hasLiveLease(entry) || entry.order.sequence > 1);',
  },
  {
    name: 'key-forgotten',
    why: 'order ids are unique',
    file: 'adapters/memory/order-keys.ts',
    find: 'const found = sameKey ?? sameClientId ?? sameId;',
    replace: 'const found = sameId;',
  },
  {
    name: 'cas-without-sequence',
    why: 'the fence protects the order',
    file: 'adapters/memory/order-store.ts',
    find: '|| entry.order.sequence !== change.expectedSequence)',
    replace: '|| (change.fence === null && entry.order.sequence > change.expectedSequence + 1))',
  },
  {
    name: 'another-wallet-joins',
    why: 'a process with the settings of the database is one of the engine',
    file: 'domain/binding.ts',
    find: 'if (otherWallet !== null) return otherWallet;',
    replace: '',
    shownBy: ['processDiffers'],
  },
  {
    name: 'another-secret-joins',
    why: 'the wallet is the same, so the receipts are',
    file: 'domain/binding.ts',
    find: 'if (signer.hasBoundSecret) return null;',
    replace: 'return null;',
    shownBy: ['processDiffers'],
  },
];
