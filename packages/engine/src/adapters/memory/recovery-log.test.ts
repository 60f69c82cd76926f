import { recoveryLogSuite } from '../../ports/recovery-log.suite.ts';
import { createMemoryRecoveryLog } from './recovery-log.ts';

recoveryLogSuite('memory', async () => ({ log: createMemoryRecoveryLog(), close: async () => {} }));
