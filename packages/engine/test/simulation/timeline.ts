/** What happened, for a person who reads a failing seed; costs nothing unless it is kept. */
export interface Timeline {
  /** `text` is called only when the timeline is kept. */
  note(who: string, text: () => string): void;
  /** Gives a readable name to an id that appears in texts. */
  name(id: string, shown: string): void;
  lines(): readonly string[];
}

export function createTimeline(nowMs: () => number, isKept: boolean): Timeline {
  const lines: string[] = [];
  const names = new Map<string, string>();
  const readable = (text: string): string => {
    let shown = text;
    for (const [id, name] of names) shown = shown.replaceAll(id, name);
    return shown;
  };
  return {
    note(who, text) {
      if (!isKept) return;
      const seconds = (nowMs() / 1_000).toFixed(3).padStart(9);
      lines.push(`${seconds}  ${who.padEnd(10)}  ${readable(text())}`);
    },
    name(id, shown) {
      if (isKept) names.set(id, shown);
    },
    lines: () => lines,
  };
}
