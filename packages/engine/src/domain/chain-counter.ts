import { type Moment, msBetween } from './moment.ts';

/** Nodes of one chain that are well differ by no more than this, and time is measured no better. */
export const NEAR = 8n;
/** Rounds in a row after which what time does not allow is believed: the chain may have been moved on by hand. */
const PATIENCE = 3;
/** The same where one node of several says it, and the others are away: it may as well be that one which is wrong. */
const PATIENCE_WITH_ONE = 15;
/** The pace is measured over so many rounds. */
const MARKS = 150;

interface Mark {
  readonly value: bigint;
  readonly at: Moment;
}

/**
 * A number of the chain that grows with time (a slot, a height), judged by what several nodes say of it. Nothing that a
 * node says is kept as a maximum: each round of answers is judged anew, so that a wrong one has no effect beyond it.
 *
 * What grew no faster than time allows is believed, the highest of it. How fast that is, is measured. The rest is believed
 * only when nothing else was said for some rounds, and then the least of it.
 */
export class ChainCounter {
  #value = 0n;
  #hinted = 0n;
  /** What was agreed on last: by two nodes, or by the only one that answered. Time is counted from here. */
  #anchor: Mark | null = null;
  /** Anchors, oldest first, as far as the number grew from one to the next as time allows. */
  #marks: readonly Mark[] = [];
  /** The least of each of the last rounds, while nothing in them could be believed. */
  #doubts: readonly Mark[] = [];
  #spread = 0n;
  /** How many nodes were asked together. */
  #voices = 0;
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
   * Takes what each node answers now. No answer is no round.
   * @param asked How many nodes there are: one that answers alone may be the wrong one, however seldom the others were heard.
   */
  judge(answers: readonly bigint[], now: Moment, asked: number = answers.length): void {
    const sorted = answers.toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0));
    const [highest, lowest] = [sorted[0], sorted.at(-1)];
    if (highest === undefined || lowest === undefined) return;
    this.#answeredAt = now;
    this.#spread = highest - lowest;
    this.#voices = Math.max(this.#voices, asked);
    const possible = sorted.find((value) => this.allows(value, now));
    if (possible === undefined) {
      this.#doubt({ value: lowest, at: now }, sorted.length);
      return;
    }
    this.#doubts = [];
    this.#believe(possible, now);
    const agreeing = sorted.filter((one) => one <= possible + NEAR && possible <= one + NEAR);
    if (sorted.length > 1 && agreeing.length < 2) return;
    // The least of those that agree: by what it says beyond the others, one of them alone moves nothing for long.
    const value = agreeing.at(-1) as bigint;
    const grows = value >= (this.#anchor?.value ?? 0n);
    this.#anchor = { value, at: now };
    this.#marks = [...(grows ? this.#marks.slice(1 - MARKS) : []), this.#anchor];
  }

  #doubt(mark: Mark, voices: number): void {
    this.#doubts = [...this.#doubts, mark];
    if (this.#doubts.length < this.#patienceWith(voices)) return;
    this.#marks = this.#marks.length === 1 ? [...this.#marks, mark] : this.#doubts;
    this.#anchor = mark;
    this.#doubts = [];
    this.#believe(mark.value, mark.at);
  }

  #patienceWith(voices: number): number {
    if (this.#anchor && voices < Math.min(this.#voices, 2)) return PATIENCE_WITH_ONE;
    // As long as the pace is not known, little can be told from time.
    return this.#marks.length < 2 ? 1 : PATIENCE;
  }

  #believe(value: bigint, now: Moment): void {
    if (value > this.#value) this.#advancedAt = now;
    this.#value = value;
    this.#hinted = 0n;
  }

  /** Takes what somebody mentioned without being asked: believed until the next round, as far as time allows. */
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
