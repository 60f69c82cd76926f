import { type Lane, laneOf, type Question } from './question-lanes.ts';
import { BatchRefused, type RpcTransport } from './rpc-transport.ts';

export const GENESIS: Question = { method: 'getGenesisHash', params: [] };

interface Waiting {
  readonly question: Question;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

export interface QuestionBatchesOptions {
  readonly transport: RpcTransport;
  /** Checks the genesis hash that came with an answer. @throws {AnotherChain} */
  readonly recognize: (genesisHash: unknown) => void;
}

/**
 * Asks a node for its genesis hash with every question: once per request for all questions of one turn of the event loop that
 * may share it (`laneOf`). A node that refuses a request as too long gets shorter ones from then on. A node that takes one
 * question per request is asked for the hash before and after it.
 */
export class QuestionBatches {
  readonly #options: QuestionBatchesOptions;
  readonly #waiting = new Map<string, { readonly lane: Lane; readonly questions: Waiting[] }>();
  /** As many as the node took when it refused more. */
  #mostTaken = Number.POSITIVE_INFINITY;
  #takesBatches = true;

  constructor(options: QuestionBatchesOptions) {
    this.#options = options;
  }

  /** Rejects with the node's error, with `AnotherChain`, or as `RpcTransport` does. */
  ask(question: Question): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const one = { question, resolve, reject };
      const lane = laneOf(question);
      if (!this.#takesBatches) void this.#sendAlone(one);
      else if (!lane) void this.#send([one]);
      else this.#wait(one, lane);
    });
  }

  #wait(one: Waiting, lane: Lane): void {
    if (this.#waiting.size === 0) setImmediate(() => this.#flush());
    const known = this.#waiting.get(lane.name);
    if (known) known.questions.push(one);
    else this.#waiting.set(lane.name, { lane, questions: [one] });
  }

  #flush(): void {
    const lanes = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { lane, questions } of lanes) {
      const most = Math.min(lane.most, this.#mostTaken);
      for (let start = 0; start < questions.length; start += most)
        void this.#send(questions.slice(start, start + most));
    }
  }

  /** Settles each question. @returns Whether the node took them, in one request or in several. */
  async #send(batch: readonly Waiting[]): Promise<boolean> {
    const { transport, recognize } = this.#options;
    try {
      const [genesisHash, ...outcomes] = await transport.askTogether([
        GENESIS,
        ...batch.map(({ question }) => question),
      ]);
      recognize(genesisHash?.());
      for (const [index, one] of batch.entries()) settle(one, outcomes[index] as () => unknown);
      return true;
    } catch (error) {
      if (error instanceof BatchRefused) return this.#sendInParts(batch, error);
      return rejectAll(batch, error);
    }
  }

  async #sendInParts(batch: readonly Waiting[], refusal: BatchRefused): Promise<boolean> {
    const [first] = batch;
    if (first && batch.length === 1) return this.#sendAlone(first);
    const half = Math.ceil(batch.length / 2);
    // A node that refuses everything, for instance for an expired key, gets no request for the rest.
    if (!(await this.#send(batch.slice(0, half)))) return rejectAll(batch.slice(half), refusal);
    this.#mostTaken = Math.min(this.#mostTaken, half);
    return this.#send(batch.slice(half));
  }

  async #sendAlone(one: Waiting): Promise<boolean> {
    const { transport, recognize } = this.#options;
    try {
      recognize(await transport.ask(GENESIS));
      const result = await transport.ask(one.question);
      recognize(await transport.ask(GENESIS));
      this.#takesBatches = false; // Set only after an answer, since a malformed request fails in every form.
      one.resolve(result);
      return true;
    } catch (error) {
      return rejectAll([one], error);
    }
  }
}

function settle({ resolve, reject }: Waiting, outcome: () => unknown): void {
  try {
    resolve(outcome());
  } catch (error) {
    reject(error);
  }
}

function rejectAll(batch: readonly Waiting[], error: unknown): false {
  for (const { reject } of batch) reject(error);
  return false;
}
