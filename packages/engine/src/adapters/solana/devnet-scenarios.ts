import { ChainUnavailable } from '../../ports/chain.ts';
import type { Scenarios } from '../../ports/scenarios.ts';

const TIMEOUT_MS = 5_000;

/**
 * Scenarios over the devnet's admin API, which recognizes an order's transactions by their memo: it begins with the
 * order's id.
 */
export function createDevnetScenarios(devnetUrl: string): Scenarios {
  return {
    async arm({ orderId, scenario, seed }) {
      const response = await post(devnetUrl, { reference: orderId, scenario, seed });
      if (response.ok) return;
      throw new ChainUnavailable(
        `the devnet refused the scenario: ${response.status} ${await response.text()}`,
      );
    },
  };
}

async function post(devnetUrl: string, body: object): Promise<Response> {
  try {
    return await fetch(`${devnetUrl}/admin/scenarios`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw new ChainUnavailable('the devnet could not be asked for the scenario', { cause: error });
  }
}
