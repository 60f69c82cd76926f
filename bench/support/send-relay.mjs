// Stands between a program and a devnet's node, and notes when it saw which transaction for the first time: the moment at which
// a sender has handed over its bytes, whatever program it is. Passes on HTTP and WebSocket as they are.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { loadPackage } from './built.mjs';
import { epochMs } from './order-client.mjs';

const { encodeBase58 } = await loadPackage('amm');

// The count of signatures and the first of them, in base64: all that is read of a transaction.
const SENT = /"sendTransaction","params":\["([A-Za-z0-9+/=]{88})/g;
const REST_CHARACTERS = 200;

export async function startSendRelay(targetUrl) {
  const { hostname, port } = new URL(targetUrl);
  const sentAtMs = new Map();
  const connections = new Set();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: hostname, port: Number(port), noDelay: true });
    let rest = '';
    near.on('data', (chunk) => {
      const atMs = epochMs();
      far.write(chunk);
      const text = rest + chunk.toString('latin1');
      for (const [, head] of text.matchAll(SENT)) note(head, atMs);
      rest = text.slice(-REST_CHARACTERS); // A request may come in parts; what is seen twice keeps its first time.
    });
    far.on('data', (chunk) => near.write(chunk));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      connections.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        connections.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function note(head, atMs) {
    const signature = encodeBase58(Buffer.from(head, 'base64').subarray(1, 65));
    if (!sentAtMs.has(signature)) sentAtMs.set(signature, atMs);
  }

  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** Milliseconds since 1970 by signature. */
    sentAtMs,
    stop() {
      for (const connection of connections) connection.destroy();
      server.close();
    },
  };
}
