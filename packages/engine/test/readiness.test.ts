import { expect, test } from 'vitest';
import { createManualClock } from '../src/adapters/memory/clock.ts';
import { nodesAgree } from '../src/execution/readiness/nodes-agree.ts';
import { judgeReadiness, type ReadinessCheck, succeeds } from '../src/execution/readiness/readiness.ts';
import { serveTestApp } from './support/app.ts';
import { createWorld } from './support/world.ts';

const fine = succeeds('fine', async () => 1, 'never');
const broken = succeeds('broken', () => Promise.reject(new Error('secret')), 'it is away');

test('one failed required check ends readiness; a failed optional check is only shown', async () => {
  const clock = createManualClock();
  expect(await judgeReadiness(clock, [fine])).toEqual({ ready: true, findings: { fine: { ok: true } } });
  expect(await judgeReadiness(clock, [fine, broken])).toEqual({
    ready: false,
    findings: { fine: { ok: true }, broken: { ok: false, reason: 'it is away' } },
  });
  expect((await judgeReadiness(clock, [fine, { ...broken, isNeeded: false }])).ready).toBe(true);
});

test('a check that throws, or that never answers, is not ok', async () => {
  const clock = createManualClock();
  const throwing: ReadinessCheck = { name: 'throwing', look: () => Promise.reject(new Error('secret')) };
  const silent: ReadinessCheck = { name: 'silent', look: () => new Promise(() => {}) };
  const judged = judgeReadiness(clock, [throwing, silent]);
  await clock.advance(5_000);
  expect(await judged).toEqual({
    ready: false,
    findings: {
      throwing: { ok: false, reason: 'it could not be looked at' },
      silent: { ok: false, reason: 'no answer within 5000 ms' },
    },
  });
});

test('a node that hangs is named, while the other nodes suffice for readiness', async () => {
  const world = await createWorld({
    nodes: (chain) => ['node-1', 'node-2'].map((name) => chain.nodeBehind(name, () => 0)),
  });
  await world.start();
  const look = () => judgeReadiness(world.clock, [nodesAgree(world.engine)]);
  await world.clock.advance(4_000);
  expect(await look()).toEqual({ ready: true, findings: { nodes: { ok: true } } });
  const release = world.hooks.node('node-2').hold('latestBlockhash');
  await world.clock.advance(4_000);
  expect(await look()).toEqual({
    ready: true,
    findings: { nodes: { ok: false, reason: 'no answer from node-2' } },
  });
  release();
  await world.clock.advance(4_000);
  expect((await look()).findings).toEqual({ nodes: { ok: true } });
});

test('/readyz answers 503 with each check as a boolean and its details beside it', async () => {
  const world = await createWorld();
  const aged: ReadinessCheck = { name: 'aged', look: async () => ({ ok: true, ageMs: 7 }) };
  const { app, url } = await serveTestApp(world.engine, { readiness: [fine, aged, broken] });
  try {
    const answer = await fetch(`${url}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({
      status: 'unavailable',
      checks: { fine: true, aged: true, broken: false },
      details: { fine: {}, aged: { ageMs: 7 }, broken: { reason: 'it is away' } },
    });
  } finally {
    await app.close();
    await world.stop();
  }
});
