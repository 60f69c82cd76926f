/**
 * Reads what the linker needs from a relocatable ELF64 object as `clang --target=bpf` writes it:
 * sections, symbols and relocations. Little endian only.
 *
 * @see https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html
 */

export interface ElfSection {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly alignment: number;
  /** For a relocation section: the index of the section that it patches. */
  readonly info: number;
  /** For the symbol table: the index of its string table. */
  readonly link: number;
  readonly content: Buffer;
}

export interface ElfSymbol {
  readonly name: string;
  readonly isSection: boolean;
  /** 0 when the symbol is defined elsewhere: for a program, a syscall of the virtual machine. */
  readonly sectionIndex: number;
  /** Offset inside the section, bytes. */
  readonly value: number;
}

export interface ElfRelocation {
  /** The section whose bytes are patched. */
  readonly sectionIndex: number;
  /** Offset inside that section, bytes. */
  readonly offset: number;
  readonly type: number;
  readonly symbol: ElfSymbol;
}

export interface ElfObject {
  readonly sections: readonly ElfSection[];
  readonly symbols: readonly ElfSymbol[];
  readonly relocations: readonly ElfRelocation[];
}

const SECTION_TYPE = { symbolTable: 2, relocationsWithAddend: 4, noBits: 8, relocations: 9 } as const;
export const SECTION_FLAG = { writable: 1, allocated: 2, executable: 4 } as const;

const FILE_TYPE_RELOCATABLE = 1;
const MACHINE_BPF = 247;
const SECTION_HEADER_BYTES = 64;
const SYMBOL_BYTES = 24;
const RELOCATION_BYTES = 16;
const SYMBOL_TYPE_SECTION = 3;

/** @throws {Error} When the file is not a relocatable little-endian BPF object. */
export function readElfObject(file: Buffer): ElfObject {
  const magic = file.subarray(0, 6).toString('hex');
  if (magic !== '7f454c460201') throw new Error('not a little-endian ELF64 file');
  if (file.readUInt16LE(16) !== FILE_TYPE_RELOCATABLE) throw new Error('not a relocatable object');
  if (file.readUInt16LE(18) !== MACHINE_BPF) throw new Error('not a BPF object');

  const sections = readSections(file);
  const symbols = readSymbols(sections);
  return { sections, symbols, relocations: readRelocations(sections, symbols) };
}

function readSections(file: Buffer): ElfSection[] {
  const tableOffset = Number(file.readBigUInt64LE(40));
  const count = file.readUInt16LE(60);
  const namesIndex = file.readUInt16LE(62);
  const unnamed = Array.from({ length: count }, (_, index) => {
    const at = tableOffset + index * SECTION_HEADER_BYTES;
    const type = file.readUInt32LE(at + 4);
    const start = Number(file.readBigUInt64LE(at + 24));
    const size = Number(file.readBigUInt64LE(at + 32));
    return {
      index,
      nameOffset: file.readUInt32LE(at),
      type,
      flags: Number(file.readBigUInt64LE(at + 8)),
      link: file.readUInt32LE(at + 40),
      info: file.readUInt32LE(at + 44),
      alignment: Number(file.readBigUInt64LE(at + 48)),
      content: type === SECTION_TYPE.noBits ? Buffer.alloc(size) : file.subarray(start, start + size),
    };
  });
  const names = required(unnamed[namesIndex], 'section names').content;
  return unnamed.map(({ nameOffset, ...section }) => ({ ...section, name: readString(names, nameOffset) }));
}

function readSymbols(sections: readonly ElfSection[]): ElfSymbol[] {
  const table = required(
    sections.find((section) => section.type === SECTION_TYPE.symbolTable),
    'symbol table',
  );
  const names = required(sections[table.link], 'symbol names').content;
  return records(table.content, SYMBOL_BYTES).map((record) => ({
    name: readString(names, record.readUInt32LE(0)),
    isSection: (record.readUInt8(4) & 15) === SYMBOL_TYPE_SECTION,
    sectionIndex: record.readUInt16LE(6),
    value: Number(record.readBigUInt64LE(8)),
  }));
}

function readRelocations(sections: readonly ElfSection[], symbols: readonly ElfSymbol[]): ElfRelocation[] {
  if (sections.some((section) => section.type === SECTION_TYPE.relocationsWithAddend))
    throw new Error('relocations with addend are not what clang writes for BPF');
  return sections
    .filter((section) => section.type === SECTION_TYPE.relocations)
    .flatMap((section) =>
      records(section.content, RELOCATION_BYTES).map((record) => ({
        sectionIndex: section.info,
        offset: Number(record.readBigUInt64LE(0)),
        type: record.readUInt32LE(8),
        symbol: required(symbols[record.readUInt32LE(12)], 'relocated symbol'),
      })),
    );
}

function records(content: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.floor(content.length / size) }, (_, index) =>
    content.subarray(index * size, (index + 1) * size),
  );
}

function readString(table: Buffer, offset: number): string {
  return table.toString('latin1', offset, table.indexOf(0, offset));
}

function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the object has no ${what}`);
  return value;
}
