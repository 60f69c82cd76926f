/** Starts a slot at a fixed interval of real time. A late slot delays the next one; the clock never catches up. */
export class SlotClock {
  private readonly slotMs: number;
  private readonly produceSlot: () => Promise<void>;
  private readonly onError: (error: unknown) => void;
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> = Promise.resolve();
  private isStopped = true;

  constructor(parts: {
    slotMs: number;
    produceSlot: () => Promise<void>;
    onError: (error: unknown) => void;
  }) {
    this.slotMs = parts.slotMs;
    this.produceSlot = parts.produceSlot;
    this.onError = parts.onError;
  }

  start(): void {
    this.isStopped = false;
    this.schedule(performance.now() + this.slotMs);
  }

  /** Resolves when no slot is in progress and none will follow. */
  async stop(): Promise<void> {
    this.isStopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await this.running;
  }

  private schedule(dueAt: number): void {
    if (this.isStopped) return;
    const delayMs = Math.max(0, dueAt - performance.now());
    this.timer = setTimeout(() => {
      this.running = this.produceSlot()
        .catch(this.onError)
        .then(() => this.schedule(Math.max(dueAt + this.slotMs, performance.now())));
    }, delayMs);
  }
}
