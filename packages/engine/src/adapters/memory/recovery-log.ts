import type { Signature } from '../../domain/signature.ts';
import type { LostTransaction, RecoveryLog } from '../../ports/recovery-log.ts';

/** A recovery log in the memory of this process. */
export function createMemoryRecoveryLog(): RecoveryLog {
  const found = new Map<Signature, LostTransaction>();
  let unfinished = false;
  return {
    begin: async () => {
      unfinished = true;
    },
    isUnfinished: async () => unfinished,
    finish: async (lost) => {
      for (const one of lost) found.set(one.signature, one);
      unfinished = false;
    },
    lost: async () => [...found.values()].sort((a, b) => Number(a.slot - b.slot)),
  };
}
