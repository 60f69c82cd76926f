import type { FastifyInstance } from 'fastify';
import type { Engine } from '../../execution/engine.ts';
import { originOf } from '../reached-as.ts';
import { HOME_SCRIPT, homePage } from './home-page.ts';
import { sendPage } from './page.ts';

export interface About {
  readonly version: string;
  readonly chain: string;
  readonly database: string;
}

/** `/`: one page that describes the running engine and shows the latest orders live. Works offline. */
export function serveHome(app: FastifyInstance, engine: Engine, about: About): void {
  app.get('/', async (request, reply) => {
    const pools = engine.venues.map((venue) => ({ name: venue.name, pools: venue.pools().length }));
    const page = homePage({
      ...about,
      origin: originOf(request),
      wallet: engine.signer.address,
      pools,
    });
    return sendPage(reply, page, HOME_SCRIPT);
  });
}
