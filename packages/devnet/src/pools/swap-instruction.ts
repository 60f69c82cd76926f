export interface InstructionAccount {
  /** Base58. */
  readonly address: string;
  readonly isSigner: boolean;
  readonly isWritable: boolean;
}

/** An instruction before it is compiled into a message. */
export interface SwapInstruction {
  /** Base58. */
  readonly program: string;
  readonly accounts: readonly InstructionAccount[];
  readonly data: Uint8Array;
}
