// An open socket must not keep the request that it came with, whose headers, response and Fastify objects would be a third of
// the socket's memory. Node.js and the plugin each hold the request in one place: what follows empties both.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';

/** Takes the response of an upgrade off its connection: from here on the socket itself answers. */
export function releaseResponse(request: FastifyRequest, reply: FastifyReply): void {
  if (request.ws) reply.raw.detachSocket(request.raw.socket);
}

/** Replaces the plugin's error listener, which knows the request. */
export function releaseRequest(socket: WebSocket): void {
  socket.removeAllListeners('error');
  socket.on('error', terminate);
}

function terminate(this: WebSocket): void {
  this.terminate();
}
