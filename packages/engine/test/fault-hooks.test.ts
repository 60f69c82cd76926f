import { expect, test } from 'vitest';
import { createManualClock } from '../src/adapters/memory/clock.ts';
import { createFaultHooks } from './support/fault-hooks.ts';

/** A port with one method that answers and one that does not, with what took effect. */
function createHooked() {
  const clock = createManualClock();
  const done: string[] = [];
  const hooks = createFaultHooks<typeof port>(clock, ['tell']);
  const port = {
    async ask(what: string): Promise<string> {
      done.push(what);
      return `${what}!`;
    },
    tell(what: string): void {
      done.push(what);
    },
  };
  return { clock, done, hooks, port: hooks.around(port) };
}

test('without a fault a call reaches the port at once, and every call is kept', async () => {
  const { done, hooks, port } = createHooked();
  port.tell('a');
  expect(done).toEqual(['a']);
  expect(await port.ask('b')).toBe('b!');
  expect([hooks.calls('tell'), hooks.calls('ask')]).toEqual([[['a']], [['b']]]);
});

test('a call that fails has no effect: one that answers rejects, and one that does not throws', async () => {
  const { done, hooks, port } = createHooked();
  const error = new Error('away');
  hooks.fail('ask', error, { times: 1 });
  hooks.fail('tell', error);
  await expect(port.ask('a')).rejects.toBe(error);
  expect(() => port.tell('b')).toThrow(error);
  expect(done).toEqual([]);
  expect(await port.ask('c')).toBe('c!');
  expect(() => port.tell('d')).toThrow(error);
  hooks.heal('tell');
  port.tell('e');
  expect(done).toEqual(['c', 'e']);
  expect(hooks.calls('ask')).toEqual([['a'], ['c']]);
});

test('a call whose answer is lost has its effect, and a dropped one has none', async () => {
  const { done, hooks, port } = createHooked();
  hooks.loseAnswer('ask', new Error('lost'));
  await expect(port.ask('a')).rejects.toThrow('lost');
  hooks.drop('tell', { times: 1 });
  for (const what of ['b', 'c']) port.tell(what);
  expect(done).toEqual(['a', 'c']);
});

test('a fault for certain calls meets no other', async () => {
  const { done, hooks, port } = createHooked();
  hooks.drop('tell', { times: 1, when: (what) => what === 'b' });
  for (const what of ['a', 'b', 'b']) port.tell(what);
  expect(done).toEqual(['a', 'b']);
});

test('a call takes effect after its delay, or once it is released', async () => {
  const { clock, done, hooks, port } = createHooked();
  hooks.delay('ask', 100);
  void port.ask('late');
  await clock.advance(99);
  expect(done).toEqual([]);
  await clock.advance(1);
  expect(done).toEqual(['late']);
  const release = hooks.hold('ask');
  void port.ask('held');
  await clock.advance(1_000);
  expect(done).toEqual(['late']);
  release();
  await clock.advance(0);
  expect(done).toEqual(['late', 'held']);
});

test('something else happens before a call takes effect', async () => {
  const { done, hooks, port } = createHooked();
  hooks.meanwhile('ask', () => port.tell('first'), { times: 1 });
  await port.ask('second');
  expect(done).toEqual(['first', 'second']);
});

test('something else happens after a call took effect, before its answer', async () => {
  const { done, hooks, port } = createHooked();
  hooks.afterwards('ask', () => port.tell('second'), { times: 1 });
  expect(await port.ask('first')).toBe('first!');
  expect(done).toEqual(['first', 'second']);
});

test('a port that is cut off answers nothing, until it is healed', async () => {
  const { done, hooks, port } = createHooked();
  hooks.cutOff(new Error('cut'));
  await expect(port.ask('a')).rejects.toThrow('cut');
  expect(() => port.tell('b')).toThrow('cut');
  hooks.heal();
  expect(await port.ask('c')).toBe('c!');
  expect(done).toEqual(['c']);
});
