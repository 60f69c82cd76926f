import { type ElfObject, type ElfSection, SECTION_FLAG } from './elf-reader.ts';

/** Where every loaded section lies in the shared object. File offsets and addresses are the same number. */
export interface ImageLayout {
  readonly addressOfSection: ReadonlyMap<number, number>;
  readonly sections: readonly ElfSection[];
  readonly text: { readonly start: number; readonly size: number };
  readonly readOnlyData: { readonly start: number; readonly size: number };
}

/** The file header and three program headers precede the code. */
export const FILE_HEADER_BYTES = 64;
export const PROGRAM_HEADER_BYTES = 56;
export const PROGRAM_HEADER_COUNT = 3;

/**
 * Places code first, then read-only data.
 *
 * @throws {Error} When the object has writable data: the virtual machine gives a program none.
 */
export function layOutImage(object: ElfObject): ImageLayout {
  const loaded = object.sections.filter(
    (section) => (section.flags & SECTION_FLAG.allocated) !== 0 && section.content.length > 0,
  );
  for (const section of loaded) {
    if ((section.flags & SECTION_FLAG.writable) !== 0)
      throw new Error(`${section.name} is writable; a program on chain has no writable globals`);
  }
  const addressOfSection = new Map<number, number>();
  let position = FILE_HEADER_BYTES + PROGRAM_HEADER_COUNT * PROGRAM_HEADER_BYTES;

  const place = (sections: readonly ElfSection[]) => {
    const start = align(position, 8);
    position = start;
    for (const section of sections) {
      position = align(position, Math.max(8, section.alignment));
      addressOfSection.set(section.index, position);
      position += section.content.length;
    }
    return { start, size: position - start };
  };
  const isCode = (section: ElfSection) => (section.flags & SECTION_FLAG.executable) !== 0;
  const text = place(loaded.filter(isCode));
  const readOnlyData = place(loaded.filter((section) => !isCode(section)));
  return { addressOfSection, sections: loaded, text, readOnlyData };
}

export function align(position: number, boundary: number): number {
  return Math.ceil(position / boundary) * boundary;
}
