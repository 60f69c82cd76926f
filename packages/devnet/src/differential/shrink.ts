import type { CaseDraws, CaseResult } from './run-case.ts';

const MOST_RUNS = 300;

/** The kinds of difference of a case; empty for an equal case. */
export function disagreementOf(result: CaseResult): string {
  return result.steps.at(-1)?.differences[0]?.about ?? '';
}

/**
 * A smaller case with the same difference: with fewer swaps, and with numbers nearer to 0, which mean simpler choices.
 * It tries up to 300 smaller cases.
 */
export async function shrink(
  found: CaseResult,
  run: (draws: CaseDraws) => Promise<CaseResult>,
): Promise<CaseResult> {
  const about = disagreementOf(found);
  let smallest = found;
  let runs = 0;
  const attempt = async (draws: CaseDraws): Promise<boolean> => {
    if (runs >= MOST_RUNS) return false;
    runs += 1;
    const result = await run(draws);
    if (disagreementOf(result) !== about || !isSmaller(result.draws, smallest.draws)) return false;
    smallest = result;
    return true;
  };
  for (let isProgress = true; isProgress && runs < MOST_RUNS; ) {
    isProgress = await dropSwaps(() => smallest.draws, attempt);
    isProgress = (await lowerNumbers(() => smallest.draws, attempt)) || isProgress;
  }
  return smallest;
}

type Attempt = (draws: CaseDraws) => Promise<boolean>;

async function dropSwaps(current: () => CaseDraws, attempt: Attempt): Promise<boolean> {
  let isProgress = false;
  for (let index = current().swaps.length - 2; index >= 0; index -= 1) {
    const { pool, swaps } = current();
    isProgress = (await attempt({ pool, swaps: swaps.toSpliced(index, 1) })) || isProgress;
  }
  return isProgress;
}

async function lowerNumbers(current: () => CaseDraws, attempt: Attempt): Promise<boolean> {
  let isProgress = false;
  for (let stream = -1; stream < current().swaps.length; stream += 1) {
    for (let at = 0; at < streamOf(current(), stream).length; at += 1) {
      for (let step = streamOf(current(), stream)[at]!; step > 0; step = Math.floor(step / 2)) {
        const value = streamOf(current(), stream)[at]! - step;
        if (value < 0) continue;
        const lowered = await attempt(withNumber(current(), { stream, at, value }));
        isProgress = lowered || isProgress;
        if (streamOf(current(), stream)[at] === undefined) break;
      }
    }
  }
  return isProgress;
}

/** Stream -1 is the pool's, the others are the swaps'. */
function streamOf(draws: CaseDraws, stream: number): readonly number[] {
  return (stream < 0 ? draws.pool : draws.swaps[stream]) ?? [];
}

function withNumber(draws: CaseDraws, change: { stream: number; at: number; value: number }): CaseDraws {
  const { stream, at, value } = change;
  const changed = streamOf(draws, stream).with(at, value);
  if (stream < 0) return { ...draws, pool: changed };
  return { ...draws, swaps: draws.swaps.with(stream, changed) };
}

function isSmaller(a: CaseDraws, b: CaseDraws): boolean {
  if (a.swaps.length !== b.swaps.length) return a.swaps.length < b.swaps.length;
  return sumOf(a) < sumOf(b);
}

function sumOf({ pool, swaps }: CaseDraws): number {
  return [pool, ...swaps].flat().reduce((sum, value) => sum + value + 1, 0);
}
