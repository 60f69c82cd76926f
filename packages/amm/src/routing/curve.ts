/** Amounts this close to the edge of a segment, relatively, count as on it. */
const SNAP = 1e-9;

/**
 * The output of one pool for an input, in one direction, as floats: the search works on these, the plan never does. A
 * curve is a chain of segments, each out = a * x / (1 + b * x): a constant product with a > 0 and b > 0, or a single
 * price with b = 0. Slopes fall along the chain, so the curve is concave.
 */
export class Curve {
  /** Input and output at the start of each segment. */
  readonly startIn: Float64Array;
  readonly startOut: Float64Array;
  readonly a: Float64Array;
  readonly b: Float64Array;
  /** Maximum input. */
  readonly maxIn: number;
  readonly maxOut: number;
  readonly #count: number;

  constructor(segments: readonly Segment[]) {
    const count = segments.length;
    this.#count = count;
    this.startIn = new Float64Array(count + 1);
    this.startOut = new Float64Array(count + 1);
    this.a = new Float64Array(count);
    this.b = new Float64Array(count);
    for (let index = 0; index < count; index += 1) {
      const { a, b, length } = segments[index]!;
      this.a[index] = a;
      this.b[index] = b;
      this.startIn[index + 1] = this.startIn[index]! + length;
      this.startOut[index + 1] = this.startOut[index]! + (a * length) / (1 + b * length);
    }
    this.maxIn = this.startIn[count]!;
    this.maxOut = this.startOut[count]!;
  }

  /** The curve with transfer fees: on either side only a share of a payment arrives. */
  scaled(kept: { keptIn: number; keptOut: number }): Curve {
    const segments: Segment[] = [];
    for (let index = 0; index < this.#count; index += 1) {
      segments.push({
        a: this.a[index]! * kept.keptIn * kept.keptOut,
        b: this.b[index]! * kept.keptIn,
        length: (this.startIn[index + 1]! - this.startIn[index]!) / kept.keptIn,
      });
    }
    return new Curve(kept.keptIn > 0 && kept.keptOut > 0 ? segments : []);
  }

  out(amountIn: number): number {
    const index = this.#at(this.startIn, amountIn);
    const x = amountIn - this.startIn[index]!;
    return this.startOut[index]! + (this.a[index]! * x) / (1 + this.b[index]! * x);
  }

  /**
   * Output per further unit of input. Without `isSnapped` the edges of segments are sharp: float noise puts a search
   * that ends at an edge on either side of it, and only the snapped slope shows that it is at the edge.
   */
  slopeAfter(amountIn: number, isSnapped = false): number {
    const beyond = isSnapped ? amountIn * (1 + SNAP) : amountIn;
    if (beyond >= this.maxIn) return 0; // An empty curve, too.
    const index = this.#at(this.startIn, beyond);
    const scale = 1 + this.b[index]! * Math.max(0, amountIn - this.startIn[index]!);
    return this.a[index]! / (scale * scale);
  }

  /** Output per unit of input taken back. */
  slopeBefore(amountIn: number, isSnapped = false): number {
    const index = this.#at(this.startIn, isSnapped ? amountIn * (1 - SNAP) : amountIn);
    const scale = 1 + this.b[index]! * (amountIn - this.startIn[index]!);
    return this.a[index]! / (scale * scale);
  }

  /**
   * Maximum of output minus the input's cost at a fixed price of the input: the profit that the pool could earn at that
   * price.
   */
  surplusAt(price: number): number {
    const index = this.#lastAbove(price);
    if (index < 0) return 0;
    const [a, b] = [this.a[index]!, this.b[index]!];
    const length = this.startIn[index + 1]! - this.startIn[index]!;
    const before = this.startOut[index]! - price * this.startIn[index]!;
    // The point in the segment where the slope falls to the price. A difference of amounts would be rounding noise.
    if (b * length > Math.sqrt(a / price) - 1) return before + (Math.sqrt(a) - Math.sqrt(price)) ** 2 / b;
    return before + (a * length) / (1 + b * length) - price * length;
  }

  /** The last segment that starts with a slope above `price`; -1 where there is none. */
  #lastAbove(price: number): number {
    let low = -1;
    let high = this.#count;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.a[middle]! > price) low = middle;
      else high = middle;
    }
    return low;
  }

  /** The input that gives `out`. */
  inputFor(out: number): number {
    if (out <= 0) return 0;
    const index = this.#at(this.startOut, out);
    const y = out - this.startOut[index]!;
    const x = y / (this.a[index]! - this.b[index]! * y);
    return this.startIn[index]! + x;
  }

  #at(starts: Float64Array, value: number): number {
    let low = 0;
    let high = this.#count;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= value) low = middle;
      else high = middle;
    }
    return low;
  }
}

export interface Segment {
  readonly a: number;
  readonly b: number;
  /** Input that the segment takes. */
  readonly length: number;
}
