/** Error codes of JSON-RPC and of Agave (crate rpc-client-api, `custom_error.rs`). */
export const RPC_ERRORS = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  blockCleanedUp: -32001,
  preflightFailure: -32002,
  signatureVerificationFailure: -32003,
  blockNotAvailable: -32004,
  nodeUnhealthy: -32005,
  slotSkipped: -32007,
  unsupportedTransactionVersion: -32015,
  minContextSlotNotReached: -32016,
} as const;

/** An error that a method returns in place of a result. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;
  readonly data: unknown;

  constructor(kind: keyof typeof RPC_ERRORS, message: string, data?: unknown) {
    super(message);
    this.code = RPC_ERRORS[kind];
    this.data = data;
  }
}

export function invalidParams(message: string): RpcError {
  return new RpcError('invalidParams', message);
}
