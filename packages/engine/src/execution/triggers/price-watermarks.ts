import { toEpochMs } from '../../domain/timestamp.ts';
import type { WatermarkDocument } from '../../domain/trigger-book.ts';
import type { PriceSource } from '../../domain/trigger-terms.ts';
import type { PriceMarks } from '../../ports/price-marks.ts';

/** A step as JSON: time, numerator, denominator. */
type StoredStep = readonly [atMs: number, numerator: string, denominator: string];

/** The watermarks of all pairs and sources. */
export async function readWatermarks(marks: PriceMarks): Promise<readonly WatermarkDocument[]> {
  const stored = await marks.all();
  return stored.map(([name, steps]) => {
    const [mintIn, mintOut, source] = name.split(' ');
    return {
      pair: `${mintIn} ${mintOut}`,
      source: source as PriceSource,
      steps: (steps as readonly StoredStep[]).map(toStep),
    };
  });
}

export const writeWatermarks = (marks: PriceMarks, document: WatermarkDocument): Promise<void> =>
  marks.write(
    nameOf(document),
    document.steps.map(({ atMs, price }) => [atMs, `${price.numerator}`, `${price.denominator}`]),
  );

const toStep = ([atMs, numerator, denominator]: StoredStep): WatermarkDocument['steps'][number] => ({
  atMs: toEpochMs(atMs),
  price: { numerator: BigInt(numerator), denominator: BigInt(denominator) },
});

/** The newest watermarks of all pairs and sources, and which of them the store lacks. */
export class KeptWatermarks {
  readonly #newest = new Map<string, WatermarkDocument>();
  readonly #unwritten = new Set<string>();

  /** As the store has it. */
  keep(document: WatermarkDocument): void {
    this.#newest.set(nameOf(document), document);
  }

  change(document: WatermarkDocument): void {
    this.keep(document);
    this.#unwritten.add(nameOf(document));
  }

  of(pair: string): readonly WatermarkDocument[] {
    return [...this.#newest.values()].filter((document) => document.pair === pair);
  }

  unwritten(): readonly WatermarkDocument[] {
    return [...this.#unwritten].flatMap((name) => this.#newest.get(name) ?? []);
  }

  noteWritten(document: WatermarkDocument): void {
    if (this.#newest.get(nameOf(document)) === document) this.#unwritten.delete(nameOf(document));
  }
}

const nameOf = ({ pair, source }: WatermarkDocument): string => `${pair} ${source}`;
