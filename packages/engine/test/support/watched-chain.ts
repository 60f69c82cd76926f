import { setTimeout as sleep } from 'node:timers/promises';
import type { Chain, ChainNode } from '../../src/ports/chain.ts';

/** What is asked of a chain's nodes, counted: so that a test can let slots pass as fast as an engine sees them. */
export interface ChainTraffic {
  readonly chain: Chain;
  /** How many calls of this method began. */
  begun(method: keyof ChainNode): number;
  /** Waits until no call is under way, nor follows from the answers of those that were. */
  quiet(): Promise<void>;
}

export function watchChain(chain: Chain): ChainTraffic {
  const begun = new Map<PropertyKey, number>();
  let underWay = 0;

  const watch = (node: ChainNode): ChainNode =>
    new Proxy(node, {
      get(target, method) {
        const value = Reflect.get(target, method);
        if (typeof value !== 'function') return value;
        return async (...input: unknown[]) => {
          begun.set(method, (begun.get(method) ?? 0) + 1);
          underWay += 1;
          try {
            return await value.apply(target, input);
          } finally {
            underWay -= 1;
          }
        };
      },
    });

  return {
    chain: {
      ...chain,
      nodes: chain.nodes.map(watch),
      anyNode: watch(chain.anyNode),
      askAny: (question) => chain.askAny((node) => question(watch(node))),
    },
    begun: (method) => begun.get(method) ?? 0,
    async quiet() {
      for (let turns = 0; turns < 3; turns += 1) {
        if (underWay > 0) turns = 0;
        await sleep(1);
      }
    },
  };
}
