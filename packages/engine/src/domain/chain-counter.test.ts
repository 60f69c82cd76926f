import { describe, expect, test } from 'vitest';
import { ChainCounter, NEAR } from './chain-counter.ts';
import { momentOf } from './moment.ts';

const ROUND_MS = 2_000;
const FAR = 9_000_000_000_000n;

/** Rounds of two nodes of a chain that takes 5 slots a round, beginning at slot 1,000; `told` says what they tell of it. */
function follow(rounds: number, told: (slot: bigint, round: number) => readonly bigint[]) {
  const counter = new ChainCounter();
  const believed: bigint[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const slot = 1_000n + BigInt(round) * 5n;
    counter.judge(told(slot, round), momentOf(round * ROUND_MS));
    believed.push(counter.newest - slot);
  }
  return { counter, believed };
}

test('a counter follows nodes that agree', () => {
  expect(follow(50, (slot) => [slot, slot]).believed.every((off) => off === 0n)).toBe(true);
});

describe('a number that is too high', () => {
  test.each([NEAR + 5n, 1_000n, FAR])(
    'changes nothing when one of two nodes reports it, once or for ever: %s',
    (lie) => {
      for (const isLying of [(round: number) => round === 10, (round: number) => round >= 10]) {
        const { believed } = follow(60, (slot, round) => [isLying(round) ? slot + lie : slot, slot]);
        expect(believed).toEqual(believed.map(() => 0n));
      }
    },
  );

  test.each([1_000n, FAR])('changes nothing when both nodes report it once: %s', (lie) => {
    const { believed } = follow(30, (slot, round) =>
      round === 10 ? [slot + lie, slot + lie] : [slot, slot],
    );
    expect(believed.every((off) => off <= 0n && off >= -5n)).toBe(true);
  });

  test.each([1, 2, 10])(
    'changes nothing while the only node of two that answers reports it, for 3 rounds from round %s on',
    (from) => {
      const { believed } = follow(40, (slot, round) =>
        round >= from && round < from + 3 ? [slot + FAR] : [slot, slot],
      );
      expect(believed.every((off) => off <= 0n)).toBe(true);
    },
  );

  test('changes nothing when one node of two reports it before both have answered together', () => {
    const counter = new ChainCounter();
    counter.judge([1_000n], momentOf(0), 2);
    counter.judge([1_005n + FAR], momentOf(ROUND_MS), 2);
    expect(counter.newest).toBe(0n);
    expect(counter.allows(1_000n, momentOf(ROUND_MS))).toBe(false);
    counter.judge([1_010n, 1_010n], momentOf(2 * ROUND_MS), 2);
    expect(counter.newest).toBe(1_010n);
  });

  test('is believed of a node that answers alone after 15 rounds, and dropped when a second node answers', () => {
    const counter = new ChainCounter();
    const roundOf = (round: number) => momentOf(round * ROUND_MS);
    for (let round = 0; round < 14; round += 1) counter.judge([1_000n + FAR], roundOf(round), 2);
    expect(counter.newest).toBe(0n);
    counter.judge([1_000n + FAR], roundOf(14), 2);
    expect(counter.newest).toBe(1_000n + FAR);
    counter.judge([1_010n, 1_010n + FAR], roundOf(15), 2);
    expect(counter.newest).toBe(1_010n);
    counter.judge([1_015n, 1_015n + FAR], roundOf(16), 2);
    expect(counter.newest).toBe(1_015n);
  });

  test('is not believed because a node that answered alone at the start lagged far behind', () => {
    const counter = new ChainCounter();
    for (let round = 0; round < 3; round += 1) counter.judge([0n], momentOf(round * ROUND_MS), 2);
    counter.judge([1_000_000n, 1_000_001n], momentOf(3 * ROUND_MS), 2);
    counter.judge([1_000_005n, 1_200_000n], momentOf(4 * ROUND_MS), 2);
    expect(counter.newest).toBe(1_000_005n);
  });

  test('is believed when both nodes report it for some rounds, and dropped in the round in which they stop', () => {
    const { believed } = follow(40, (slot, round) => {
      const lie = round >= 10 && round < 20 ? 1_000n : 0n;
      return [slot + lie, slot + lie];
    });
    expect(believed[15]).toBe(1_000n);
    expect(believed.slice(20)).toEqual(believed.slice(20).map(() => 0n));
  });

  test('is not believed at the start against a node that reports less', () => {
    const { believed } = follow(10, (slot) => [slot + FAR, slot]);
    expect(believed).toEqual(believed.map(() => 0n));
  });

  test('is not reached in small steps by a node that the other node contradicts', () => {
    const { believed } = follow(100, (slot, round) => [slot + BigInt(round) * 4n, slot]);
    expect(believed.at(-1)).toBe(0n);
  });

  test('is not believed from a notification alone', () => {
    const { counter } = follow(5, (slot) => [slot, slot]);
    const now = momentOf(4 * ROUND_MS + 400);
    for (const slot of [2_020n, FAR]) counter.hear(slot, now);
    expect(counter.newest).toBe(1_020n);
    counter.hear(1_021n, now);
    expect(counter.newest).toBe(1_021n);
  });
});

describe('a correct number', () => {
  test('is not held back by a node that is behind', () => {
    const { believed } = follow(100, (slot, round) => [round >= 5 ? slot - 40n : slot, slot]);
    expect(believed).toEqual(believed.map(() => 0n));
  });

  test('of a chain that was advanced by hand is followed after three rounds', () => {
    const { believed } = follow(20, (slot, round) =>
      round < 10 ? [slot, slot] : [slot + 151n, slot + 151n],
    );
    expect(believed.slice(12)).toEqual(believed.slice(12).map(() => 151n));
  });

  test('of the only node that answers is followed as fast as time passes', () => {
    const { believed } = follow(60, (slot, round) => (round % 2 === 0 ? [slot] : [slot, slot]));
    expect(believed).toEqual(believed.map(() => 0n));
  });

  test.each([10, 50, 400, 2_000, 60_000])('is followed for slots of %s ms', (slotMs) => {
    const counter = new ChainCounter();
    for (let atMs = 0; atMs < 600_000; atMs += ROUND_MS) {
      const slot = 1_000n + BigInt(Math.floor(atMs / slotMs));
      counter.judge([slot, slot], momentOf(atMs));
      if (atMs > 10_000) expect(counter.newest).toBe(slot);
    }
    expect(counter.eachMs).toBeGreaterThan(slotMs / 3);
    expect(counter.eachMs).toBeLessThan(slotMs * 3);
  });

  test('of a chain that lost slots is followed down', () => {
    const { believed } = follow(30, (slot, round) =>
      round < 15 ? [slot, slot] : [slot - 300n, slot - 300n],
    );
    expect(believed.slice(15)).toEqual(believed.slice(15).map(() => -300n));
  });
});
