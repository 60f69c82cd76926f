import type { ImageLayout } from './image-layout.ts';
import { align, FILE_HEADER_BYTES, PROGRAM_HEADER_BYTES, PROGRAM_HEADER_COUNT } from './image-layout.ts';
import type { RelocatedImage } from './relocate.ts';

const FILE_TYPE_SHARED = 3;
const MACHINE_BPF = 247;
const SECTION_HEADER_BYTES = 64;
const SYMBOL_BYTES = 24;
const RELOCATION_BYTES = 16;
const DYNAMIC_ENTRY_BYTES = 16;
const DYNAMIC_ENTRY_COUNT = 8;
const SYMBOL_GLOBAL_UNTYPED = 0x10;

const SECTION = { code: 1, stringTable: 3, dynamic: 6, relocations: 9, dynamicSymbols: 11 } as const;
const DYNAMIC = {
  end: 0,
  stringTable: 5,
  symbolTable: 6,
  stringTableBytes: 10,
  symbolBytes: 11,
  relocations: 17,
  relocationsBytes: 18,
  relocationBytes: 19,
} as const;

interface OutputSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly start: number;
  readonly size: number;
  readonly link?: string;
  readonly entryBytes?: number;
}

/** Position and content of each part of the file after the loaded bytes. */
interface Parts {
  readonly dynamic: Part;
  readonly symbols: Part;
  readonly strings: Part;
  readonly relocations: Part;
  readonly end: number;
}

interface Part {
  readonly start: number;
  readonly bytes: Buffer;
}

/** Writes the shared object of an sBPF version 0 program: e_flags 0, one code and one read-only segment. */
export function writeSharedObject(image: RelocatedImage, layout: ImageLayout, entryAddress: number): Buffer {
  const parts = placeParts(image);
  const listed = listSections(layout, parts);
  const names = stringTable([...listed.slice(1).map((section) => section.name), '.shstrtab']);
  const sections = [...listed, nameSection(parts.end, names)];
  const headersStart = align(parts.end + names.bytes.length, 8);

  const file = Buffer.alloc(headersStart + SECTION_HEADER_BYTES * sections.length);
  image.bytes.copy(file);
  writeFileHeader(file, { entryAddress, headersStart, sectionCount: sections.length });
  writeSegments(file, layout, parts);
  for (const { start, bytes } of [parts.dynamic, parts.symbols, parts.strings, parts.relocations])
    bytes.copy(file, start);
  names.bytes.copy(file, parts.end);
  sections.forEach((section, index) => {
    writeSectionHeader(file, headersStart + index * SECTION_HEADER_BYTES, section, {
      nameOffset: names.offsetOf(section.name),
      linkIndex: section.link ? sections.findIndex((other) => other.name === section.link) : 0,
    });
  });
  return file;
}

function placeParts(image: RelocatedImage): Parts {
  const strings = stringTable(image.syscalls);
  const symbols = symbolTable(image.syscalls, strings);
  const relocations = relocationTable(image);

  const dynamicStart = align(image.bytes.length, 8);
  const symbolsStart = dynamicStart + DYNAMIC_ENTRY_BYTES * DYNAMIC_ENTRY_COUNT;
  const stringsStart = symbolsStart + symbols.length;
  const relocationsStart = align(stringsStart + strings.bytes.length, 8);
  const placed = {
    symbols: { start: symbolsStart, bytes: symbols },
    strings: { start: stringsStart, bytes: strings.bytes },
    relocations: { start: relocationsStart, bytes: relocations },
  };
  return {
    dynamic: { start: dynamicStart, bytes: dynamicTable(placed) },
    ...placed,
    end: relocationsStart + relocations.length,
  };
}

function dynamicTable({ symbols, strings, relocations }: Omit<Parts, 'dynamic' | 'end'>): Buffer {
  const entries: (readonly [number, number])[] = [
    [DYNAMIC.symbolTable, symbols.start],
    [DYNAMIC.symbolBytes, SYMBOL_BYTES],
    [DYNAMIC.stringTable, strings.start],
    [DYNAMIC.stringTableBytes, strings.bytes.length],
    [DYNAMIC.end, 0],
  ];
  if (relocations.bytes.length > 0)
    entries.unshift(
      [DYNAMIC.relocations, relocations.start],
      [DYNAMIC.relocationsBytes, relocations.bytes.length],
      [DYNAMIC.relocationBytes, RELOCATION_BYTES],
    );
  const table = Buffer.alloc(DYNAMIC_ENTRY_BYTES * DYNAMIC_ENTRY_COUNT);
  entries.forEach(([tag, value], index) => {
    table.writeBigUInt64LE(BigInt(tag), index * DYNAMIC_ENTRY_BYTES);
    table.writeBigUInt64LE(BigInt(value), index * DYNAMIC_ENTRY_BYTES + 8);
  });
  return table;
}

/** Every section but the one of the sections' names. */
function listSections(layout: ImageLayout, parts: Parts): OutputSection[] {
  const placed = ({ start, bytes }: Part) => ({ start, size: bytes.length });
  return [
    { name: '', type: 0, flags: 0, start: 0, size: 0 },
    { name: '.text', type: SECTION.code, flags: 6, ...layout.text },
    ...(layout.readOnlyData.size > 0
      ? [{ name: '.rodata', type: SECTION.code, flags: 2, ...layout.readOnlyData }]
      : []),
    {
      name: '.dynamic',
      type: SECTION.dynamic,
      flags: 3,
      ...placed(parts.dynamic),
      link: '.dynstr',
      entryBytes: DYNAMIC_ENTRY_BYTES,
    },
    {
      name: '.dynsym',
      type: SECTION.dynamicSymbols,
      flags: 2,
      ...placed(parts.symbols),
      link: '.dynstr',
      entryBytes: SYMBOL_BYTES,
    },
    { name: '.dynstr', type: SECTION.stringTable, flags: 2, ...placed(parts.strings) },
    {
      name: '.rel.dyn',
      type: SECTION.relocations,
      flags: 2,
      ...placed(parts.relocations),
      link: '.dynsym',
      entryBytes: RELOCATION_BYTES,
    },
  ];
}

const nameSection = (start: number, names: StringTable): OutputSection => ({
  name: '.shstrtab',
  type: SECTION.stringTable,
  flags: 0,
  start,
  size: names.bytes.length,
});

function writeSegments(file: Buffer, { text, readOnlyData }: ImageLayout, { dynamic, end }: Parts): void {
  writeSegment(file, 0, { type: 1, flags: 5, start: text.start, size: text.size });
  writeSegment(file, 1, { type: 1, flags: 4, start: readOnlyData.start, size: end - readOnlyData.start });
  writeSegment(file, 2, { type: 2, flags: 6, start: dynamic.start, size: dynamic.bytes.length });
}

function writeFileHeader(
  file: Buffer,
  header: { entryAddress: number; headersStart: number; sectionCount: number },
): void {
  Buffer.from('7f454c4602010100', 'hex').copy(file);
  file.writeUInt16LE(FILE_TYPE_SHARED, 16);
  file.writeUInt16LE(MACHINE_BPF, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(header.entryAddress), 24);
  file.writeBigUInt64LE(BigInt(FILE_HEADER_BYTES), 32);
  file.writeBigUInt64LE(BigInt(header.headersStart), 40);
  file.writeUInt16LE(FILE_HEADER_BYTES, 52);
  file.writeUInt16LE(PROGRAM_HEADER_BYTES, 54);
  file.writeUInt16LE(PROGRAM_HEADER_COUNT, 56);
  file.writeUInt16LE(SECTION_HEADER_BYTES, 58);
  file.writeUInt16LE(header.sectionCount, 60);
  file.writeUInt16LE(header.sectionCount - 1, 62);
}

function writeSegment(
  file: Buffer,
  index: number,
  segment: { type: number; flags: number; start: number; size: number },
): void {
  const at = FILE_HEADER_BYTES + index * PROGRAM_HEADER_BYTES;
  file.writeUInt32LE(segment.type, at);
  file.writeUInt32LE(segment.flags, at + 4);
  for (const field of [8, 16, 24]) file.writeBigUInt64LE(BigInt(segment.start), at + field);
  for (const field of [32, 40]) file.writeBigUInt64LE(BigInt(segment.size), at + field);
  file.writeBigUInt64LE(4096n, at + 48);
}

function writeSectionHeader(
  file: Buffer,
  at: number,
  section: OutputSection,
  links: { nameOffset: number; linkIndex: number },
): void {
  const isLoaded = (section.flags & 2) !== 0;
  file.writeUInt32LE(links.nameOffset, at);
  file.writeUInt32LE(section.type, at + 4);
  file.writeBigUInt64LE(BigInt(section.flags), at + 8);
  file.writeBigUInt64LE(BigInt(isLoaded ? section.start : 0), at + 16);
  file.writeBigUInt64LE(BigInt(section.start), at + 24);
  file.writeBigUInt64LE(BigInt(section.size), at + 32);
  file.writeUInt32LE(links.linkIndex, at + 40);
  file.writeBigUInt64LE(section.type === SECTION.stringTable ? 1n : 8n, at + 48);
  file.writeBigUInt64LE(BigInt(section.entryBytes ?? 0), at + 56);
}

interface StringTable {
  readonly bytes: Buffer;
  offsetOf(text: string): number;
}

function stringTable(texts: readonly string[]): StringTable {
  const offsets = new Map<string, number>([['', 0]]);
  let length = 1;
  for (const text of texts) {
    offsets.set(text, length);
    length += text.length + 1;
  }
  const bytes = Buffer.from(`\0${texts.map((text) => `${text}\0`).join('')}`, 'latin1');
  return { bytes, offsetOf: (text) => offsets.get(text)! };
}

function symbolTable(syscalls: readonly string[], strings: StringTable): Buffer {
  const table = Buffer.alloc(SYMBOL_BYTES * (syscalls.length + 1));
  syscalls.forEach((name, index) => {
    table.writeUInt32LE(strings.offsetOf(name), SYMBOL_BYTES * (index + 1));
    table.writeUInt8(SYMBOL_GLOBAL_UNTYPED, SYMBOL_BYTES * (index + 1) + 4);
  });
  return table;
}

function relocationTable(image: RelocatedImage): Buffer {
  const table = Buffer.alloc(RELOCATION_BYTES * image.dynamicRelocations.length);
  image.dynamicRelocations.forEach(({ address, type, symbolIndex }, index) => {
    table.writeBigUInt64LE(BigInt(address), RELOCATION_BYTES * index);
    table.writeUInt32LE(type, RELOCATION_BYTES * index + 8);
    table.writeUInt32LE(symbolIndex, RELOCATION_BYTES * index + 12);
  });
  return table;
}
