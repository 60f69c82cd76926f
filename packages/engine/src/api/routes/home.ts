import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Engine } from '../../execution/engine.ts';
import { HOME_SCRIPT, HOME_STYLE, homePage } from './home-page.ts';

export interface About {
  readonly version: string;
  readonly chain: string;
  readonly database: string;
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const POLICY = [
  "default-src 'none'",
  `script-src ${hashOf(HOME_SCRIPT)}`,
  `style-src ${hashOf(HOME_STYLE)}`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `/`: one page that says what runs here and shows the last orders live. Works offline, asks nobody else. */
export function serveHome(app: FastifyInstance, engine: Engine, about: About): void {
  app.get('/', async (request, reply) => {
    const pools = engine.venues.map((venue) => ({ name: venue.name, pools: venue.pools().length }));
    reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', POLICY)
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .header('cache-control', 'no-store');
    return homePage({
      ...about,
      origin: `http://${request.headers.host}`,
      wallet: engine.signer.address,
      pools,
    });
  });
}
