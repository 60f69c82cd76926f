import type { Pair } from '../../execution/market/pair-price.ts';
import type { PriceBoard } from './price-board.ts';
import type { StreamClient } from './stream-client.ts';

/**
 * Sends the prices of these pairs now and when they change, until the socket closes. Further prices wait until the
 * connection has taken those before: a slow client then gets the newest price of each pair and none in between.
 */
export function streamPrices(board: PriceBoard, { socket }: StreamClient, pairs: readonly Pair[]): void {
  if (socket.readyState !== socket.OPEN) return;
  const { prices, leave } = board.watch(pairs, send);
  const sent = prices.map(() => 0);
  let isSending = false;
  socket.on('close', leave);
  socket.on('error', leave);
  send();

  function send(): void {
    if (isSending || socket.readyState !== socket.OPEN) return;
    const due = prices.filter(({ version }, index) => version !== sent[index]);
    if (due.length === 0) return;
    isSending = true;
    for (const [index, { version }] of prices.entries()) sent[index] = version;
    for (const price of due) socket.send(price.frame(), price === due.at(-1) ? taken : undefined);
  }

  function taken(): void {
    isSending = false;
    send();
  }
}
