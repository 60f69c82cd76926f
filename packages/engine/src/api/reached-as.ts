import type { FastifyRequest } from 'fastify';

type Reached = Pick<FastifyRequest, 'protocol' | 'host'>;

/** Where the client reached this server, as a trusted proxy in front of it says. */
export const originOf = ({ protocol, host }: Reached): string => `${protocol}://${host}`;

/** With TLS where the client came by TLS. */
export const socketProtocolOf = ({ protocol }: Pick<Reached, 'protocol'>): 'ws' | 'wss' =>
  protocol === 'https' ? 'wss' : 'ws';
