import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A question to the node, and its answer, which a lie changes. */
// biome-ignore lint/suspicious/noExplicitAny: a lie changes answers in ways that no type allows.
export type NodeLie = (question: { method: string; params: unknown[] }, result: any) => void;

/** A real server before a node, which passes questions on and may change answers. It has no WebSocket. */
export interface NodeProxy {
  readonly url: string;
  lie: NodeLie | null;
  /** How often each method was asked. */
  readonly asked: Map<string, number>;
  close(): Promise<void>;
}

export async function startNodeProxy(target: string): Promise<NodeProxy> {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const real = await fetch(target, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const answers = JSON.parse(await real.text());
    const results = new Map([answers].flat().map(({ id, result }) => [id, result]));
    for (const { id, method, params } of [JSON.parse(body)].flat()) {
      proxy.asked.set(method, (proxy.asked.get(method) ?? 0) + 1);
      const result = results.get(id);
      if (result) proxy.lie?.({ method, params }, result);
    }
    response.writeHead(real.status, { 'content-type': 'application/json' }).end(JSON.stringify(answers));
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: NodeProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lie: null,
    asked: new Map(),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
