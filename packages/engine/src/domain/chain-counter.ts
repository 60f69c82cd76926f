import { type Moment, msBetween } from './moment.ts';

/** Maximum difference between healthy nodes of one chain, and the precision of the time bound. */
export const NEAR = 8n;
/** Number of rounds in a row after which an impossible value is believed: an operator may have moved the chain. */
const PATIENCE = 3;
/**
 * The same if only one of several nodes answers, at a start too: that node may be the wrong one, and a transaction that is
 * signed with a height far ahead could never be proved expired.
 */
const PATIENCE_WITH_ONE = 15;
/** Number of rounds over which the pace is measured. */
const MARKS = 150;

interface Mark {
  readonly value: bigint;
  readonly at: Moment;
}

/**
 * A number of the chain that grows with time (a slot, a height), judged from the answers of several nodes. The counter keeps
 * no node's answer as a maximum: it judges each round of answers again, so a wrong answer has no effect after its round.
 *
 * The counter believes the highest answer that grew no faster than the measured pace allows. It believes a faster one only
 * after several rounds without any possible answer, and then the lowest.
 */
export class ChainCounter {
  #value = 0n;
  #hinted = 0n;
  /** The last agreed value: of two nodes, or of the only one that answered. The elapsed time counts from here. */
  #anchor: Mark | null = null;
  /** Anchors, oldest first, as far as the number grew from one to the next as time allows. */
  #marks: readonly Mark[] = [];
  /** The lowest value of each recent round in which no value was possible. */
  #doubts: readonly Mark[] = [];
  #spread = 0n;
  /** Maximum number of nodes that were asked in one round. */
  #voices = 0;
  /** Whether the bound comes from the only one of several nodes that answered: it holds until a second one answers. */
  #hasOneWitness = false;
  #answeredAt: Moment | null = null;
  #advancedAt: Moment | null = null;

  /** The newest value that can be believed; 0 before the first round. */
  get newest(): bigint {
    if (this.#hinted > this.#value) return this.#hinted;
    return this.#value;
  }

  /** By how much the nodes differed in the last round. */
  get spread(): bigint {
    return this.#spread;
  }

  /** When a node answered last, and when the number grew last; null: never. */
  get answeredAt(): Moment | null {
    return this.#answeredAt;
  }

  get advancedAt(): Moment | null {
    return this.#advancedAt;
  }

  /**
   * Judges the current answers of the nodes. A call without answers does not count as a round.
   * @param asked Number of nodes that were asked: if only one answers, it may be the wrong one.
   */
  judge(answers: readonly bigint[], now: Moment, asked: number = answers.length): void {
    const sorted = answers.toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0));
    const [highest, lowest] = [sorted[0], sorted.at(-1)];
    if (highest === undefined || lowest === undefined) return;
    this.#answeredAt = now;
    this.#spread = highest - lowest;
    this.#voices = Math.max(this.#voices, asked);
    if (sorted.length > 1 && (this.#hasOneWitness || !this.#anchor)) this.#startAgain();
    const possible = sorted.find((value) => this.allows(value, now));
    if (possible === undefined) {
      this.#doubt({ value: lowest, at: now }, sorted.length);
      return;
    }
    this.#doubts = [];
    this.#believe(possible, now);
    const agreeing = sorted.filter((one) => one <= possible + NEAR && possible <= one + NEAR);
    if (sorted.length > 1 && agreeing.length < 2) return;
    // The lowest of the agreeing values: a single node cannot push the anchor ahead.
    const value = agreeing.at(-1) as bigint;
    const grows = value >= (this.#anchor?.value ?? 0n);
    this.#anchor = { value, at: now };
    this.#marks = [...(grows ? this.#marks.slice(1 - MARKS) : []), this.#anchor];
  }

  /** The node that answered alone may be the wrong one, ahead or behind: the answers of this round are judged as the first. */
  #startAgain(): void {
    this.#anchor = null;
    this.#marks = [];
    this.#doubts = [];
    this.#hasOneWitness = false;
  }

  #doubt(mark: Mark, voices: number): void {
    this.#doubts = [...this.#doubts, mark];
    if (this.#doubts.length < this.#patienceWith(voices)) return;
    this.#hasOneWitness = voices < Math.min(this.#voices, 2);
    this.#marks = this.#marks.length === 1 ? [...this.#marks, mark] : this.#doubts;
    this.#anchor = mark;
    this.#doubts = [];
    this.#believe(mark.value, mark.at);
  }

  #patienceWith(voices: number): number {
    if (voices < Math.min(this.#voices, 2)) return PATIENCE_WITH_ONE;
    // Until the pace is known, the time bound says little.
    return this.#marks.length < 2 ? 1 : PATIENCE;
  }

  #believe(value: bigint, now: Moment): void {
    if (value > this.#value) this.#advancedAt = now;
    this.#value = value;
    this.#hinted = 0n;
  }

  /** Takes an unrequested value, such as a slot notification: valid until the next round, within the bound that time allows. */
  hear(value: bigint, now: Moment): void {
    if (!this.#anchor || value <= this.newest || !this.allows(value, now)) return;
    this.#hinted = value;
    this.#advancedAt = now;
  }

  /** Milliseconds in which the number grows by one, as measured; null before that. */
  get eachMs(): number | null {
    const pace = this.#pace();
    return pace > 0 ? 1 / pace : null;
  }

  /** Whether the number can have grown to this by now. Before the first round nothing is known, and nothing is allowed. */
  allows(value: bigint, now: Moment): boolean {
    const most = this.most(now);
    return most !== null && value <= most;
  }

  /** The most that the number can be by now; null before the first round. */
  most(now: Moment): bigint | null {
    if (!this.#anchor) return null;
    const elapsedMs = Math.max(0, msBetween(this.#anchor.at, now));
    return this.#anchor.value + NEAR + BigInt(Math.ceil(elapsedMs * this.#pace()));
  }

  /** How much the number grows in a millisecond; 0 before that was measured. */
  #pace(): number {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)];
    if (!first || !last) return 0;
    const elapsedMs = msBetween(first.at, last.at);
    return elapsedMs <= 0 ? 0 : Math.max(0, Number(last.value - first.value) / elapsedMs);
  }
}
