import { channels, operations, PROBLEMS } from '@oee/api-schema';
import { escapeHtml, PAGE_STYLE } from './page.ts';

/** The API as a page: every request with its answers, and every stream. */
export const documentsPage = ({ version }: { version: string }): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>API of the Order Execution Engine</title><style>${PAGE_STYLE}</style></head><body>
<header><h1>API</h1><span>version ${escapeHtml(version)}</span></header>
<p>For programs: <a href="/openapi.json">OpenAPI 3.1</a> and <a href="/asyncapi.json">AsyncAPI 3.0</a>. What runs here: <a href="/">overview</a>.</p>
<h2>Requests</h2><div class="scroll"><table>
<tr><th>request</th><th>meaning</th><th>parameters</th><th>answers</th></tr>
${operations().map(operationRow).join('\n')}
</table></div>
<h2>Streams</h2><div class="scroll"><table>
<tr><th>socket</th><th>meaning</th><th>after</th><th>frames</th></tr>
${channels()
  .map(({ path, summary, after, sends }) => row([`WS ${path}?after=N`, summary, after, sends.join(', ')]))
  .join('\n')}
</table></div>
<h2>Problems</h2><div class="scroll"><table>
<tr><th>code</th><th class="number">status</th><th>meaning</th><th>what to do</th></tr>
${Object.entries(PROBLEMS)
  .map(([code, { status, title, hint }]) => row([code, String(status), title, hint]))
  .join('\n')}
</table></div></body></html>`;

function operationRow({
  method,
  path,
  summary,
  query,
  headers = {},
  answers,
}: ReturnType<typeof operations>[number]) {
  const parameters = [...Object.keys(query?.shape ?? {}), ...Object.keys(headers)].join(', ');
  const meanings = Object.entries(answers).map(([status, { meaning }]) => `${status} ${meaning}`);
  return row([`${method.toUpperCase()} ${path}`, summary, parameters, meanings.join('; ')]);
}

const row = (cells: readonly string[]): string =>
  `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
