import { ANSWER_FAULTS } from '../faults/answer-faults.ts';
import type { CallSelection } from '../faults/call-fault.ts';
import type { CongestionOrder } from '../faults/congestion.ts';
import { type FaultOrders, NODE_COUNT } from '../faults/faults.ts';
import { CALL_FAULTS } from '../faults/node-faults.ts';
import type { ScenarioOrder } from '../faults/scenario.ts';
import { SCENARIO_NAMES, type ScenarioName } from '../faults/scenarios.ts';
import type { Selection } from '../faults/selector.ts';
import { badBody } from '../problem.ts';
import { type Fields, fieldsOf, parseCount, parseU64 } from './admin-bodies.ts';

const MAX_NEXT = 1_000_000;
const MAX_LATE_SLOTS = 10_000;
const MAX_LAG_BLOCKS = 150;
/** More slots than any chain will have; its sum with a slot is still an exact JSON number. */
const MAX_AHEAD = 9_000_000_000_000_000;
const MAX_METHODS = 64;
const MAX_REFERENCE_LENGTH = 200;
const SELECTION = ['next', 'rate', 'seed'];
const SOCKET_METHODS = ['slotNotification', 'slotsUpdatesNotification', 'rootNotification'];

/** The faults that can be armed, each with its parser. An absent fault keeps its state. */
const READERS = {
  drop: (value: unknown, name: string) => parseSelection(value, name),
  expire: (value: unknown, name: string) => parseSelection(value, name),
  delay: (value: unknown, name: string) => parseLate(value, name),
  duplicate: (value: unknown, name: string) => parseLate(value, name),
  congestion: (value: unknown) => parseCongestion(value),
  drain: (value: unknown, name: string) => parseDrain(value, name),
  http429: (value: unknown, name: string) => parseCalls(value, name),
  http503: (value: unknown, name: string) => parseCalls(value, name),
  timeout: (value: unknown, name: string) => parseCalls(value, name),
  lostAnswer: (value: unknown, name: string) => parseCalls(value, name, ['sendTransaction']),
  garbled: (value: unknown, name: string) => parseCalls(value, name),
  otherChain: (value: unknown, name: string) => parseCalls(value, name),
  wrongId: (value: unknown, name: string) => parseCalls(value, name),
  otherTransaction: (value: unknown, name: string) => parseCalls(value, name, ['getTransaction']),
  lag: (value: unknown, name: string) => parseLag(value, name),
  forget: (value: unknown, name: string) => parseSelection(value, name),
  ahead: (value: unknown, name: string) => parseAhead(value, name),
  socketAhead: (value: unknown, name: string) => parseAhead(value, name, SOCKET_METHODS),
};

type FaultName = keyof typeof READERS;
const NODE_FAULTS: readonly FaultName[] = [
  ...CALL_FAULTS,
  ...ANSWER_FAULTS,
  'lag',
  'forget',
  'ahead',
  'socketAhead',
];
const NETWORK_FAULTS: readonly FaultName[] = ['drop', 'expire', 'delay', 'duplicate'];

/** `{node?, drop?, …}`: faults by name, those of a node for the node that is named, or the first. */
export function parseFaults(body: unknown): FaultOrders {
  const fields = fieldsOf(body, 'the body', ['node', ...Object.keys(READERS)]);
  const nodeNumber = fields.node === undefined ? 1 : parseCount(fields.node, 'node', 1, NODE_COUNT);
  const read = (names: readonly FaultName[]) =>
    Object.fromEntries(
      names
        .filter((name) => fields[name] !== undefined)
        .map((name) => [name, READERS[name](fields[name], name)]),
    );
  return {
    network: read(NETWORK_FAULTS),
    ...read(['congestion', 'drain']),
    node: read(NODE_FAULTS),
    nodeNumber,
  };
}

/** `{reference, scenario, seed?}`. */
export function parseScenario(body: unknown): ScenarioOrder {
  const { reference, scenario, seed } = fieldsOf(body, 'the body', ['reference', 'scenario', 'seed']);
  if (!SCENARIO_NAMES.includes(scenario as ScenarioName)) {
    throw badBody('scenario is not known.', `One of ${SCENARIO_NAMES.join(', ')}.`);
  }
  const isText =
    typeof reference === 'string' && reference !== '' && reference.length <= MAX_REFERENCE_LENGTH;
  if (!isText || reference.includes('/')) {
    throw badBody(
      `reference must be 1 to ${MAX_REFERENCE_LENGTH} characters without a slash.`,
      'It is what the memo of the transactions begins with, up to the first slash.',
    );
  }
  return { reference, scenario: scenario as ScenarioName, seed: String(seed ?? '') };
}

function parseSelection(value: unknown, name: string, more: readonly string[] = []): Selection & Fields {
  const fields = fieldsOf(value, name, [...SELECTION, ...more]);
  const { next, rate, seed } = fields;
  if (rate !== undefined && (typeof rate !== 'number' || !(rate >= 0 && rate <= 1))) {
    throw badBody(`${name}.rate must be a number from 0 to 1.`, 'Send {"rate": 0.1, "seed": "1"}.');
  }
  return {
    ...fields,
    next: next === undefined ? 0 : parseCount(next, `${name}.next`, 0, MAX_NEXT),
    rate: rate ?? 0,
    seed: String(seed ?? ''),
  };
}

function parseLate(value: unknown, name: string) {
  const selection = parseSelection(value, name, ['slots']);
  return { ...selection, slots: parseCount(selection.slots, `${name}.slots`, 1, MAX_LATE_SLOTS) };
}

function parseCalls(
  value: unknown,
  name: string,
  fallback: readonly string[] | null = null,
  more: readonly string[] = [],
): CallSelection & Fields {
  const selection = parseSelection(value, name, ['methods', ...more]);
  const { methods } = selection;
  if (methods === undefined) return { ...selection, methods: fallback };
  const isList = Array.isArray(methods) && methods.length > 0 && methods.length <= MAX_METHODS;
  if (isList && methods.every((method) => typeof method === 'string')) return { ...selection, methods };
  throw badBody(
    `${name}.methods must be a list of names.`,
    'Send ["sendTransaction"] or ["/swap/v2/build"].',
  );
}

function parseLag(value: unknown, name: string) {
  const calls = parseCalls(value, name, null, ['blocks']);
  return { ...calls, blocks: parseCount(calls.blocks, `${name}.blocks`, 1, MAX_LAG_BLOCKS) };
}

function parseAhead(value: unknown, name: string, methods: readonly string[] | null = null) {
  const calls = parseCalls(value, name, methods, ['slots', 'blocks']);
  const { slots = 0, blocks = 0 } = calls;
  return {
    ...calls,
    slots: parseCount(slots, `${name}.slots`, 0, MAX_AHEAD),
    blocks: parseCount(blocks, `${name}.blocks`, 0, MAX_AHEAD),
  };
}

function parseDrain(value: unknown, name: string) {
  const selection = parseSelection(value, name, ['percent', 'restoreAfterSlots']);
  const { percent = 50, restoreAfterSlots = 30 } = selection;
  return {
    ...selection,
    percent: parseCount(percent, `${name}.percent`, 1, 1_000),
    restoreAfterSlots: parseCount(restoreAfterSlots, `${name}.restoreAfterSlots`, 1, MAX_LATE_SLOTS),
  };
}

function parseCongestion(value: unknown): CongestionOrder {
  const fields = fieldsOf(value, 'congestion', ['priceMicroLamports', 'risePercent', 'slots']);
  const { priceMicroLamports, risePercent = 10, slots } = fields;
  return {
    priceMicroLamports: parseU64(priceMicroLamports, 'congestion.priceMicroLamports'),
    risePercent: parseCount(risePercent, 'congestion.risePercent', 0, 1_000),
    slots: parseCount(slots, 'congestion.slots', 1, MAX_LATE_SLOTS),
  };
}
