import { createSeededKeypair } from '../market/keypair.ts';

/** The identities of the nodes, and their addresses once they listen. */
export class Contacts {
  private readonly genesisHash: string;
  private readonly addresses = new Map<number, string>();

  constructor(genesisHash: string) {
    this.genesisHash = genesisHash;
  }

  /** The identity of a node, counted from 1. It follows from the chain, so that it is the same after every start. */
  identityOf(nodeNumber: number): string {
    return createSeededKeypair(this.genesisHash, `validator ${nodeNumber}`).address;
  }

  announce(nodeNumber: number, address: string): void {
    this.addresses.set(nodeNumber, address);
  }

  /** Host and port of a node's JSON-RPC and sockets; null if it has no separate port. */
  addressOf(nodeNumber: number): string | null {
    return this.addresses.get(nodeNumber) ?? null;
  }
}
