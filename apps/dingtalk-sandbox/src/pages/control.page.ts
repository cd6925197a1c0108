import { FAULT_KINDS } from '../levers.js';
import { ROUTES } from '../router.js';
import type { Controls } from '../call.js';
import { escape, page } from './html.js';

const options = (words: readonly string[]): string => words.map((word) => `<option>${escape(word)}</option>`).join('');

const SCRIPT = `
const $ = (id) => document.getElementById(id);
const call = (method, path, body) => fetch('/__sandbox/' + path, { method, body: body && JSON.stringify(body),
  headers: { 'content-type': 'application/json' } }).then((answer) => answer.json());
const cell = (row, text, mono) => { const td = row.insertCell(); td.textContent = text ?? ''; if (mono) td.className = 'mono'; };
async function show() {
  const [{ calls }, { faults }] = await Promise.all([call('GET', 'calls'), call('GET', 'faults')]);
  $('count').textContent = calls.length;
  const rows = $('calls'); rows.replaceChildren();
  for (const entry of calls.slice(-50).reverse()) {
    const row = rows.insertRow();
    cell(row, entry.at.slice(11, 23)); cell(row, entry.method + ' ' + entry.path, true);
    cell(row, entry.body, true); cell(row, entry.fault ? entry.fault : entry.status);
  }
  $('faults').textContent = faults.length ? faults.map((f) => f.kind + ' on ' + f.route + (f.times ? ' x' + f.times : '')).join('; ') : 'none';
}
$('add').onsubmit = (event) => { event.preventDefault(); const times = Number($('times').value);
  call('POST', 'faults', { kind: $('kind').value, route: $('route').value, ...(times > 0 && { times }) }).then(show); };
for (const [id, method, path, body] of [['clear', 'DELETE', 'faults'], ['forget', 'DELETE', 'calls'], ['reset', 'POST', 'reset', {}],
  ['revoke', 'POST', 'tokens/revoke', { kind: 'all' }]]) $(id).onclick = () => call(method, path, body).then(show);
show(); setInterval(show, 2000);
`;

/** What the small DingTalk was asked, and levers for making it misbehave. */
export function controlPage({ desk }: Controls): string {
  const routes = ROUTES.map(({ method, path }) => `${method} ${path}`);
  return page(
    'DingTalk sandbox',
    `<h1>DingTalk sandbox</h1>
    <p>A small DingTalk with a company of ${desk.world.employees().length} people in ${desk.world.departments.size} departments.
    <a href="/__sandbox/world">See them</a>.</p>
    <h2>Make it misbehave</h2>
    <form id="add"><select id="kind" aria-label="fault">${options(FAULT_KINDS)}</select>
    <select id="route" aria-label="route">${options(['*', ...routes])}</select>
    <input id="times" type="number" min="1" placeholder="every time" aria-label="times" style="width: 8em">
    <button class="main">Switch on</button></form>
    <p>Switched on: <span id="faults">none</span></p>
    <button id="clear">Switch all off</button> <button id="revoke">Revoke all tokens</button> <button id="reset">New company</button>
    <h2>Calls received: <span id="count">0</span> <button id="forget">Forget them</button></h2>
    <table><thead><tr><th>Time</th><th>Call</th><th>Body</th><th>Answer</th></tr></thead><tbody id="calls"></tbody></table>
    <script>${SCRIPT}</script>`,
  );
}
