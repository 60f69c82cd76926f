/**
 * Origins of pages, separated by commas, each as a browser names it: scheme and host, a port unless it is the scheme's own.
 * A slash at the end and capital letters are forgiven.
 *
 * @throws {Error} With what to write instead.
 */
export function readOrigins(text: string): readonly string[] {
  if (text.trim() === '') return [];
  return text.split(',').map((one) => {
    const entry = one.trim();
    if (entry.includes('*'))
      throw new Error(
        'must name each origin: any page of any site could trade with "*". Write CORS_ORIGIN=http://localhost:5173 for a development server',
      );
    const { protocol, origin, href } = URL.canParse(entry) ? new URL(entry) : NO_URL;
    if (!/^https?:$/.test(protocol) || href !== `${origin}/`)
      throw new Error(
        `must be origins separated by commas, such as http://localhost:5173 without a path, not "${entry.slice(0, 100)}"`,
      );
    return origin;
  });
}

const NO_URL = { protocol: '', origin: '', href: '' };
