import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Devnet } from '../src/index.ts';
import { startManualDevnet } from './support/client.ts';

const UPGRADE =
  'upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';

let devnet: Devnet;
beforeAll(async () => {
  devnet = await startManualDevnet();
});
afterAll(() => devnet.stop());

/** The status of the answer to a request whose first line is sent as it is. */
async function statusOf(target: string, headers: string): Promise<string> {
  const socket = connect(Number(new URL(devnet.url).port), '127.0.0.1');
  socket.write(`GET ${target} HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return String(answer).slice(9, 12);
}

test.each(['//', '//[', 'http://[', 'http://a:99999/'])(
  'a request for %s, which is no address, is refused',
  async (target) => {
    expect(await statusOf(target, '')).toBe('404');
    expect(await statusOf(target, UPGRADE)).toBe('400');
    expect((await fetch(`${devnet.url}/health`)).status).toBe(200);
  },
);
