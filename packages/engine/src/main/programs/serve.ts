import { compose } from '../compose.ts';
import { readStartOptions } from '../review-restored.ts';
import { run } from '../run.ts';

await run(async (config, log) => {
  const engine = await compose(config, log, 'all', readStartOptions());
  greet(engine);
  return engine;
});

function greet({ url, rpcUrl, wallet }: { url: string | null; rpcUrl: string; wallet: string }): void {
  const body = '{"type":"market","tokenIn":"SOL","tokenOut":"USDC","amountIn":"1"}';
  console.log(`
Order Execution Engine
  dashboard   ${url}/
  API         ${url}/api/orders
  devnet RPC  ${rpcUrl}
  wallet      ${wallet}

Try it:
  curl -s -H 'content-type: application/json' -d '${body}' ${url}/api/orders
`);
}
