const ERROR_RESPONSE = 'E'.charCodeAt(0);
const HEADER_BYTES = 5;

/** SQLSTATE classes of what the machine refused (no space, no descriptor, no memory; input and output), not the statement. */
const MACHINE_CLASSES = /^(53|58)/;
/** After these the session is over. */
const LAST_SEVERITIES = new Set(['FATAL', 'PANIC']);

/** The first error in an answer of the PostgreSQL protocol that tells of a fault of the machine; null without one. */
export function machineFault(answer: Uint8Array): string | null {
  const bytes = Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength);
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const end = at + 1 + bytes.readUInt32BE(at + 1);
    if (bytes[at] === ERROR_RESPONSE) {
      const fields = fieldsOf(bytes.subarray(at + HEADER_BYTES, end));
      const isFault =
        MACHINE_CLASSES.test(fields.get('C') ?? '') || LAST_SEVERITIES.has(fields.get('V') ?? '');
      if (isFault) return `${fields.get('C')}: ${fields.get('M')}`;
    }
    at = end;
  }
  return null;
}

/** Each a letter and a text that ends with a zero. */
const fieldsOf = (body: Buffer): Map<string, string> =>
  new Map(
    body
      .toString('utf8')
      .split('\0')
      .map((field) => [field.slice(0, 1), field.slice(1)]),
  );
