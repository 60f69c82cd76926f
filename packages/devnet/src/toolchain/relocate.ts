import type { ElfObject, ElfRelocation, ElfSymbol } from './elf-reader.ts';
import type { ImageLayout } from './image-layout.ts';

/** Relocation numbers of the BPF target (llvm/include/llvm/BinaryFormat/ELFRelocs/BPF.def). */
const INPUT_TYPE = { wideImmediate: 1, absolute64: 2, call: 10 } as const;

/** Relocation numbers that the sBPF loader resolves when it maps the program. */
const OUTPUT_TYPE = { relative: 8, call: 10 } as const;

const INSTRUCTION_BYTES = 8;

/** A relocation left for the loader: an address to rebase, or a syscall to bind by name. */
interface DynamicRelocation {
  readonly address: number;
  readonly type: number;
  /** Index into `syscalls` plus one (entry 0 of a symbol table is empty); 0 for none. */
  readonly symbolIndex: number;
}

export interface RelocatedImage {
  /** Code and read-only data at their addresses; everything before the code is zero. */
  readonly bytes: Buffer;
  readonly syscalls: readonly string[];
  readonly dynamicRelocations: readonly DynamicRelocation[];
}

/** @throws {Error} On a relocation that clang does not write for BPF, or undefined data. */
export function relocate(object: ElfObject, layout: ImageLayout): RelocatedImage {
  const bytes = Buffer.alloc(layout.readOnlyData.start + layout.readOnlyData.size);
  for (const section of layout.sections)
    section.content.copy(bytes, layout.addressOfSection.get(section.index)!);

  const syscalls: string[] = [];
  const dynamicRelocations: DynamicRelocation[] = [];
  for (const relocation of object.relocations) {
    const base = layout.addressOfSection.get(relocation.sectionIndex);
    if (base === undefined) continue; // Debug information and the like is not loaded.
    const address = base + relocation.offset;
    const left = patch(bytes, address, relocation, layout, syscalls);
    if (left !== undefined) dynamicRelocations.push(left);
  }
  return { bytes, syscalls, dynamicRelocations };
}

function patch(
  bytes: Buffer,
  address: number,
  { type, symbol }: ElfRelocation,
  layout: ImageLayout,
  syscalls: string[],
): DynamicRelocation | undefined {
  switch (type) {
    case INPUT_TYPE.wideImmediate: {
      // A two-slot load: the immediate's low half is at +4, its high half at +12.
      const target = addressOf(symbol, layout) + bytes.readInt32LE(address + 4);
      bytes.writeUInt32LE(target, address + 4);
      bytes.writeUInt32LE(0, address + 12);
      return { address, type: OUTPUT_TYPE.relative, symbolIndex: 0 };
    }
    case INPUT_TYPE.absolute64: {
      // The v0 loader reads the address of a pointer in data from the upper half of its eight bytes.
      const target = addressOf(symbol, layout) + Number(bytes.readBigUInt64LE(address));
      bytes.writeUInt32LE(0, address);
      bytes.writeUInt32LE(target, address + 4);
      return { address, type: OUTPUT_TYPE.relative, symbolIndex: 0 };
    }
    case INPUT_TYPE.call: {
      if (symbol.sectionIndex === 0) {
        bytes.writeInt32LE(-1, address + 4);
        return { address, type: OUTPUT_TYPE.call, symbolIndex: indexOfSyscall(symbol.name, syscalls) };
      }
      // A call relative to a section carries the callee's distance in its immediate, in instructions.
      const inside = symbol.isSection ? (bytes.readInt32LE(address + 4) + 1) * INSTRUCTION_BYTES : 0;
      const target = addressOf(symbol, layout) + inside;
      bytes.writeInt32LE((target - address - INSTRUCTION_BYTES) / INSTRUCTION_BYTES, address + 4);
      return undefined;
    }
    default:
      throw new Error(`relocation type ${type} against ${symbol.name || 'a section'} is not supported`);
  }
}

export function addressOf(symbol: ElfSymbol, layout: ImageLayout): number {
  const base = layout.addressOfSection.get(symbol.sectionIndex);
  if (base === undefined) throw new Error(`${symbol.name || 'a section'} is not defined in the program`);
  return base + symbol.value;
}

function indexOfSyscall(name: string, syscalls: string[]): number {
  const known = syscalls.indexOf(name);
  return known === -1 ? syscalls.push(name) : known + 1;
}
