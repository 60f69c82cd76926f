import type { Attack } from './attack.ts';

/** What may be wrong with the chain's nodes for a while. The first comes first: it is what doubles are made of. */
const NODE_FAULTS: readonly object[] = [
  { lostAnswer: { rate: 0.6 } },
  { drop: { rate: 0.5 } },
  { expire: { rate: 0.3 } },
  { delay: { rate: 0.5, slots: 10 } },
  { duplicate: { rate: 0.5, slots: 5 } },
  { http503: { rate: 0.3 } },
  { http429: { rate: 0.3, methods: ['getSignatureStatuses', 'sendTransaction'] } },
  { timeout: { rate: 0.1 } },
  { lag: { rate: 1, blocks: 20, methods: ['getSignatureStatuses', 'getTransaction'] } },
  { node: 2, forget: { rate: 0.3 } },
  { node: 2, http503: { rate: 0.5 } },
];

/** One slot too many, once or for a while, on sockets and in answers. */
const WRONG_SLOTS: readonly object[] = [
  { socketAhead: { next: 1, slots: 1_000 } },
  { ahead: { next: 2, slots: 1_000, blocks: 1_000 } },
  { ahead: { rate: 0.3, slots: 9e12, blocks: 9e12 } },
  { node: 2, ahead: { rate: 1, slots: 9e12, blocks: 9e12 } },
];

/** An address that leads to another chain, and answers that belong to another question. */
const WRONG_ANSWERS: readonly object[] = [
  { otherChain: { rate: 1 } },
  { otherChain: { rate: 0.4 } },
  { node: 2, otherChain: { rate: 1 } },
  { wrongId: { rate: 0.2 } },
  { otherTransaction: { rate: 0.3 } },
];

const LONGEST_OUTAGE_MS = 8_000;

type Harm = readonly [name: string, weight: number, harm: (attack: Attack) => Promise<void>];

const HARMS: readonly Harm[] = [
  ['nodeFaults', 5, (attack) => faultFor(attack, attack.chance.pick(NODE_FAULTS))],
  ['wrongSlots', 2, (attack) => faultFor(attack, attack.chance.pick(WRONG_SLOTS))],
  ['wrongAnswers', 2, (attack) => faultFor(attack, attack.chance.pick(WRONG_ANSWERS))],
  ['chainStops', 1, stopChain],
  ['chainRestarts', 1, ({ engine, chance }) => engine.restartDevnet(chance.between(200, 5_000))],
];

/** One harm after another, with pauses between, until the attack is over. Afterwards the chain is well again. */
export async function breakChain(attack: Attack): Promise<void> {
  const { chance, counts, pause, signal } = attack;
  const harms = attack.isMild ? HARMS.slice(0, 1) : HARMS;
  for (const [name] of harms) counts[name] = 0;
  counts.nodeFaults = 1;
  await faultFor(attack, NODE_FAULTS[0]!);
  while (!signal.aborted) {
    const [name, , harm] = chance.pick(harms.flatMap((one) => Array<Harm>(one[1]).fill(one)));
    counts[name]! += 1;
    await harm(attack);
    await pause(chance.between(1_000, 6_000));
  }
}

async function faultFor({ engine, chance, pause }: Attack, fault: object): Promise<void> {
  await askAdmin(engine.devnetUrl, 'POST', fault);
  await pause(chance.between(1_000, 5_000));
  await askAdmin(engine.devnetUrl, 'DELETE');
}

/** As a machine that hangs: connections stay, and nothing is answered. */
async function stopChain({ engine, chance, pause }: Attack): Promise<void> {
  const { child } = engine.devnet();
  child.kill('SIGSTOP');
  await pause(chance.between(1_000, LONGEST_OUTAGE_MS));
  child.kill('SIGCONT');
}

async function askAdmin(devnetUrl: string, method: 'POST' | 'DELETE', body?: object): Promise<void> {
  const response = await fetch(`${devnetUrl}/admin/faults`, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`the devnet refused ${JSON.stringify(body)}: ${await response.text()}`);
}
