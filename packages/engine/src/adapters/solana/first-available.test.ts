import { expect, test } from 'vitest';
import { momentOf } from '../../domain/moment.ts';
import { ChainUnavailable } from '../../ports/chain.ts';
import { firstAvailable } from './first-available.ts';

/** Two parts that note who was asked; `away` are those that cannot be. */
function parts() {
  const asked: string[] = [];
  const away = new Set<string>();
  const time = { nowMs: 0 };
  const part = (name: string) => ({
    name,
    async read(what: string): Promise<string> {
      asked.push(name);
      if (away.has(name)) throw new ChainUnavailable(`${name} is away`);
      if (what === 'nonsense') throw new Error('a bug');
      return `${what} from ${name}`;
    },
  });
  return {
    asked,
    away,
    time,
    ...firstAvailable([part('one'), part('two')], { moment: () => momentOf(time.nowMs) }),
  };
}

test('the first source is asked while it answers', async () => {
  const { any, asked } = parts();
  expect(await any.read('slot')).toBe('slot from one');
  expect(await any.read('slot')).toBe('slot from one');
  expect(asked).toEqual(['one', 'one']);
});

test('while the first source is away the next is asked, and for a while afterwards it is asked first', async () => {
  const { any, asked, away } = parts();
  away.add('one');
  expect(await any.read('slot')).toBe('slot from two');
  expect(await any.read('slot')).toBe('slot from two');
  expect(asked).toEqual(['one', 'two', 'two']);
});

test('after a while one call tries the first source again, and other calls do not wait for it', async () => {
  const { any, asked, away, time } = parts();
  away.add('one');
  await any.read('slot');
  time.nowMs = 10_000;
  asked.length = 0;
  await Promise.all([any.read('slot'), any.read('slot'), any.read('slot')]);
  expect(asked.filter((name) => name === 'one')).toHaveLength(1);
  away.clear();
  time.nowMs = 30_000;
  await any.read('slot');
  asked.length = 0;
  await any.read('slot');
  expect(asked).toEqual(['one']);
});

test('a resting source is asked when no other answers', async () => {
  const { any, away } = parts();
  away.add('one');
  await any.read('slot');
  away.clear();
  away.add('two');
  expect(await any.read('slot')).toBe('slot from one');
});

test('when no source answers, the call rejects with the error of the first one asked', async () => {
  const { any, away } = parts();
  away.add('one').add('two');
  await expect(any.read('slot')).rejects.toThrow('one is away');
});

test("an error that is not the chain's rejects at once", async () => {
  const { any, asked } = parts();
  await expect(any.read('nonsense')).rejects.toThrow('a bug');
  expect(asked).toEqual(['one']);
});

test('a question tells which source answered it', async () => {
  const { ask, away } = parts();
  const read = () => ask((part) => part.read('slot'));
  expect(await read()).toMatchObject({ node: { name: 'one' }, answer: 'slot from one' });
  away.add('one');
  expect(await read()).toMatchObject({ node: { name: 'two' }, answer: 'slot from two' });
});
