/** `GET /`: a page that shows the chain's state. It polls the public admin API once a second. */
export const STATUS_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Devnet</title>
<style>
:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}
body{max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.3rem}h2{font-size:1rem;margin:1.5rem 0 .3rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:0}
dt{opacity:.7}dd{margin:0;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
table{border-collapse:collapse}td,th{padding:.1rem 1rem .1rem 0;text-align:left;font-weight:normal}
th{opacity:.7}code{font-size:.9em}#state.lost{color:#cf222e}
</style>
<h1>Devnet <small id="state" role="status">…</small></h1>
<dl id="status"></dl>
<h2>Faults</h2>
<ul id="faults"></ul>
<h2>Pools</h2>
<table><thead><tr><th>pair</th><th>exchange</th><th>fee</th><th>address</th></tr></thead><tbody id="pools"></tbody></table>
<p>JSON-RPC: <code>POST /</code> and <code>POST /node/2</code>. The rest: <code>docs/devnet.md</code>.</p>
<script>
const by = (id) => document.getElementById(id);
const element = (name, ...children) => {
  const made = document.createElement(name);
  made.append(...children);
  return made;
};
const get = async (path) => {
  const response = await fetch(path);
  if (!response.ok) throw new Error(response.status);
  return response.json();
};
/** A fault that can still hit: some calls, a share of them, or a time that is left. */
const isArmed = (fault) => fault.next > 0 || fault.rate > 0 || fault.slotsLeft > 0;
function armed({ nodes, scenarios, ...network }) {
  const named = [...Object.entries(network)];
  nodes.forEach((node, index) => {
    for (const [name, fault] of Object.entries(node)) named.push([name + ' of node ' + (index + 1), fault]);
  });
  const texts = named.filter(([, fault]) => isArmed(fault)).map(([name, fault]) => name + ' ' + JSON.stringify(fault));
  return [...texts, ...scenarios.slice(-20).map(({ scenario, reference }) => scenario + ' for ' + reference)];
}
function show({ faults, ...status }) {
  by('status').replaceChildren(
    ...Object.entries(status).flatMap(([name, value]) => [element('dt', name), element('dd', String(value))]),
  );
  const list = armed(faults);
  by('faults').replaceChildren(...(list.length > 0 ? list : ['none']).map((text) => element('li', text)));
}
function showPools({ tokens, pools }) {
  const symbols = new Map(tokens.map(({ mint, symbol }) => [mint, symbol]));
  const symbol = (mint) => symbols.get(mint) ?? mint.slice(0, 6) + '…';
  const cells = ({ mint0, mint1, kind, feeBps, address }) => [
    symbol(mint0) + ' / ' + symbol(mint1), kind, feeBps / 100 + ' %', element('code', address),
  ];
  by('pools').replaceChildren(
    ...pools.map((pool) => element('tr', ...cells(pool).map((cell) => element('td', cell)))),
  );
}
async function refresh() {
  try {
    show(await get('/admin/status'));
    showPools(await get('/admin/market'));
    by('state').textContent = 'live';
    by('state').className = '';
  } catch {
    by('state').textContent = 'not reached';
    by('state').className = 'lost';
  }
  setTimeout(refresh, 1000);
}
refresh();
</script>
</html>
`;

/** Allows only this page's own script and style, and requests to this devnet. */
export const STATUS_PAGE_POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";
