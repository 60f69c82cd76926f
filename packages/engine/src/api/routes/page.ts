import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';

export const PAGE_STYLE = `
:root{color-scheme:light dark;--line:light-dark(#d9dde3,#2a2f38);--soft:light-dark(#5b6472,#97a1b0);--accent:light-dark(#0b6bcb,#6cb6ff)}
body{font:13px/1.5 system-ui,sans-serif;margin:0 auto;max-width:1080px;padding:24px 20px;background:light-dark(#fff,#0f1217);color:light-dark(#14181f,#e6e9ee)}
h1{font-size:20px;margin:0}h2{font-size:14px;margin:28px 0 8px}p{margin:4px 0 0;color:var(--soft)}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(220px,1fr));gap:12px;margin:20px 0 0}
dl div{border:1px solid var(--line);border-radius:8px;padding:10px 12px;min-width:0}
dt{color:var(--soft)}dd{margin:2px 0 0;overflow-wrap:anywhere}
code,td,pre{font-family:ui-monospace,monospace;font-variant-numeric:tabular-nums}
pre{border:1px solid var(--line);border-radius:8px;padding:12px;overflow:auto;margin:0}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:6px 14px 6px 0;border-bottom:1px solid var(--line);white-space:nowrap}th{color:var(--soft);font-weight:500}
td.number,th.number{text-align:right}a{color:var(--accent)}
button{font:inherit;border:1px solid var(--line);border-radius:6px;background:none;color:inherit;padding:2px 10px;cursor:pointer}
header{display:flex;justify-content:space-between;align-items:baseline;gap:12px}
#state::before{content:"● "}#state.live::before{color:#2da44e}#state.lost::before{color:#cf222e}
`;

/** Answers with a page that loads only from this server and runs only its own script. */
export function sendPage(reply: FastifyReply, html: string, script?: string): FastifyReply {
  const policy = [
    "default-src 'none'",
    ...(script === undefined ? [] : [`script-src ${hashOf(script)}`, "connect-src 'self'"]),
    `style-src ${hashOf(PAGE_STYLE)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return reply
    .header('content-type', 'text/html; charset=utf-8')
    .header('content-security-policy', policy.join('; '))
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer')
    .header('cache-control', 'no-store')
    .send(html);
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** Text as it may stand in a page. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ESCAPES[character] as string);
