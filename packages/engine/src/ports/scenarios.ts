/** A failure that one order requests, to test how the engine and its client handle it. */
export interface ScenarioOrder {
  readonly orderId: string;
  /** The chain's name of it. */
  readonly scenario: string;
  /** The same seed gives the same failure. */
  readonly seed: string;
}

/** Failures on demand. Only a local chain has them. */
export interface Scenarios {
  /**
   * Afterwards the order's transactions meet the scenario, until the chain is restarted. May be repeated.
   * @throws {ChainUnavailable} The chain was not reached; nothing was asked of it.
   */
  arm(order: ScenarioOrder): Promise<void>;
}
