import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { DRAWN_KINDS } from '../src/differential/kinds.ts';
import { Machine } from '../src/differential/machine.ts';
import { type RecordedCase, replayRecorded } from '../src/differential/recorded-cases.ts';
import { readCommittedProgram } from '../src/programs.ts';

/** Written by `npm run differential -- --programs DIR --record DIR`. */
const directory = fileURLToPath(new URL('vectors/differential/', import.meta.url));
const recordedKinds = DRAWN_KINDS.filter(({ name }) => readdirSync(directory).includes(`${name}.json`));

/** Where a DLMM pool keeps its two rewards. */
const [POOL_REWARDS, POOL_REWARDS_END] = [264, 552];

describe('a program of the devnet', () => {
  test.each(recordedKinds)(
    'does what the program of mainnet did: $name',
    (kind) => {
      const cases: RecordedCase[] = JSON.parse(readFileSync(`${directory}${kind.name}.json`, 'utf8'));
      const machine = new Machine(kind.program, readCommittedProgram(kind.ownProgram));
      const steps = cases.flatMap((recorded) => recorded.steps);
      expect(steps.filter(({ error }) => error === null).length).toBeGreaterThan(50);
      expect(steps.filter(({ error }) => error !== null).length).toBeGreaterThan(50);
      const differences = cases.flatMap((recorded, index) =>
        replayRecorded(kind, machine, recorded).map((text) => `case ${index}: ${text}`),
      );
      expect(differences).toEqual([]);
    },
    120_000,
  );

  test('is recorded where DLMM pools pay rewards', () => {
    const cases: RecordedCase[] = JSON.parse(readFileSync(`${directory}meteora-dlmm.json`, 'utf8'));
    const paid = cases.flatMap(({ accounts, steps }) =>
      steps.filter(({ changes }) =>
        changes[accounts.pool!.address]?.some(
          ([offset, hex]) => offset < POOL_REWARDS_END && offset + hex.length / 2 > POOL_REWARDS,
        ),
      ),
    );
    expect(paid.length).toBeGreaterThan(10);
  });

  test.each(recordedKinds.filter(({ limitErrors }) => limitErrors))(
    'is recorded with what it logs of a limit: $name',
    ({ name, limitErrors }) => {
      const cases: RecordedCase[] = JSON.parse(readFileSync(`${directory}${name}.json`, 'utf8'));
      const failed = cases
        .flatMap(({ steps }) => steps)
        .filter(({ error }) => limitErrors!.includes(error as number));
      expect(failed.length).toBeGreaterThan(10);
      for (const { error, errorLogs } of failed)
        expect(errorLogs?.[0]).toMatch(
          new RegExp(`^Program log: AnchorError thrown in .* Error Number: ${error}\\.`),
        );
    },
  );

  test('is recorded for every kind of pool', () => {
    expect(recordedKinds.map(({ name }) => name)).toEqual(DRAWN_KINDS.map(({ name }) => name));
  });
});
