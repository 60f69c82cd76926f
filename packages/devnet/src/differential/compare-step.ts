import type { AccountState } from '../chain/vm.ts';
import type { GenesisAccount } from '../genesis-account.ts';
import type { DrawnKind, Moved } from './drawn-kind.ts';
import type { Machines, Outcome } from './machine.ts';

/**
 * A difference between two programs, or between the program and the quote. Error codes with which both fail are counted
 * separately.
 */
export interface Difference {
  readonly about: 'success' | 'account' | 'events' | 'logs' | 'quote';
  readonly text: string;
}

export function compareStep(step: {
  kind: DrawnKind;
  real: Outcome;
  own: Outcome;
  moved: Moved | null;
  expected: Moved | 'refused' | null;
  machines: Machines;
  accounts: Readonly<Record<string, GenesisAccount>>;
}): Difference[] {
  const { kind, real, own, moved, expected, machines, accounts } = step;
  const differences: Difference[] = [];
  const add = (about: Difference['about'], text: string) => differences.push({ about, text });
  if ((real.error === null) !== (own.error === null))
    add('success', `real ${describeError(real)}, own ${describeError(own)}`);
  else {
    for (const [name, { address }] of Object.entries(accounts)) {
      const text = compareAccounts(machines.real.account(address), machines.own.account(address));
      if (text !== null) add('account', `${name}: ${text}`);
    }
    if (real.error === null && real.events.join() !== own.events.join())
      add('events', `real [${real.events.join(', ')}], own [${own.events.join(', ')}]`);
    if (
      isLimitError(kind, real) &&
      real.error === own.error &&
      real.errorLogs.join() !== own.errorLogs.join()
    )
      add('logs', `real [${real.errorLogs.join(', ')}], own [${own.errorLogs.join(', ')}]`);
  }
  const [actual, promised] = [describeMoved(moved ?? 'refused'), expected && describeMoved(expected)];
  if (promised !== null && actual !== promised)
    add('quote', `real ${actual} (${describeError(real)}), quote ${promised}`);
  return differences;
}

/** Whether a swap failed because its amount was beyond its limit. */
export function isLimitError({ limitErrors = [] }: DrawnKind, { error }: Pick<Outcome, 'error'>): boolean {
  return typeof error === 'number' && limitErrors.includes(error);
}

function describeMoved(moved: Moved | 'refused'): string {
  return moved === 'refused' ? 'refused' : `${moved.amountIn} in, ${moved.amountOut} out`;
}

export function describeError({ error }: Outcome): string {
  return error === null ? 'succeeds' : `fails with ${error}`;
}

function compareAccounts(real: AccountState | null, own: AccountState | null): string | null {
  if (real === null || own === null) return real === own ? null : 'exists on one side only';
  if (real.lamports !== own.lamports) return `real ${real.lamports} lamports, own ${own.lamports}`;
  if (real.owner !== own.owner) return `real owner ${real.owner}, own ${own.owner}`;
  if (Buffer.compare(real.data, own.data) === 0) return null;
  if (real.data.length !== own.data.length) return `real ${real.data.length} bytes, own ${own.data.length}`;
  const ranges = unequalRanges(real.data, own.data);
  const texts = ranges.map(({ start, end }) => {
    const [a, b] = [real.data, own.data].map((data) =>
      Buffer.from(data.subarray(start, end)).toString('hex'),
    );
    return `byte ${start} real ${a} own ${b}`;
  });
  return texts.join('; ');
}

/** Where two arrays of one length differ; ranges less than eight bytes apart are one. */
function unequalRanges(a: Uint8Array, b: Uint8Array): { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = [];
  for (let index = 0; index < a.length; index += 1) {
    if (a[index] === b[index]) continue;
    const last = ranges.at(-1);
    if (last && index - last.end < 8) last.end = index + 1;
    else ranges.push({ start: index, end: index + 1 });
  }
  return ranges;
}
