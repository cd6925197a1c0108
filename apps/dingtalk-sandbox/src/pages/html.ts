const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escape = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --blue: #1677ff; --bad: #d4380d; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, 'Noto Sans CJK SC', sans-serif; margin: 0 auto; max-width: 1100px; padding: 24px; }
h1 { font-size: 22px; margin: 0 0 4px; } h2 { font-size: 16px; margin: 28px 0 8px; } p { margin: 4px 0 12px; opacity: .8; }
table { border-collapse: collapse; width: 100%; font-size: 13px; } th { text-align: left; font-weight: 600; }
th, td { padding: 5px 8px; border-bottom: 1px solid var(--line); vertical-align: top; }
code, td.mono { font-family: ui-monospace, monospace; font-size: 12px; overflow-wrap: anywhere; }
button, select, input { font: inherit; padding: 5px 10px; border: 1px solid var(--line); border-radius: 6px; background: var(--soft); }
button { cursor: pointer; } button.main { background: var(--blue); color: #fff; border-color: var(--blue); }
form { display: flex; gap: 8px; flex-wrap: wrap; align-items: center; } .bad { color: var(--bad); }
ul.people { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 8px; }
ul.people a { display: block; padding: 10px 12px; border: 1px solid var(--line); border-radius: 8px; text-decoration: none; color: inherit; }
ul.people a:hover, ul.people a:focus { border-color: var(--blue); } ul.people small { opacity: .65; display: block; }
`;

/** A whole page, which loads nothing from elsewhere. */
export const page = (title: string, body: string): string =>
  `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
  `<link rel="icon" href="data:,"><title>${escape(title)}</title><style>${STYLE}</style></head><body>${body}</body></html>`;
