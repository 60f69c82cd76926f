import { readElfObject } from './elf-reader.ts';
import { writeSharedObject } from './elf-writer.ts';
import { layOutImage } from './image-layout.ts';
import { addressOf, relocate } from './relocate.ts';

const ENTRY_POINT = 'entrypoint';

/**
 * Links one BPF object into the sBPF version 0 shared object that Solana's loader accepts.
 * The same object always gives the same bytes.
 *
 * @param object A relocatable file of `clang --target=bpf` that defines `entrypoint`.
 * @throws {Error} With the reason, when the object uses what a program on chain cannot have.
 */
export function linkProgram(object: Buffer): Buffer {
  const elf = readElfObject(object);
  const layout = layOutImage(elf);
  const image = relocate(elf, layout);
  const entry = elf.symbols.find((symbol) => symbol.name === ENTRY_POINT);
  if (entry === undefined) throw new Error(`the program does not define ${ENTRY_POINT}`);
  return writeSharedObject(image, layout, addressOf(entry, layout));
}
