/** The highest prices that trailing stops have seen, by pair and source. They outlive the process. */
export interface PriceMarks {
  /** All that were written, by name. */
  all(): Promise<readonly (readonly [name: string, marks: unknown])[]>;
  /** Replaces those of one name; `marks` is JSON. */
  write(name: string, marks: unknown): Promise<void>;
}
