export interface Random {
  /** A new UUIDv7: sorts by creation time. */
  uuid(): string;
  /** Uniform in [0, 1). For jitter only. */
  fraction(): number;
}
