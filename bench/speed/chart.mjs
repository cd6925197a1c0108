// One profile, as a chart: requests a second of each, to the bare proxy.
import { ratio } from './measuring.mjs';

const [WIDTH, ROW, LEFT, BAR] = [880, 30, 390, 380];

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function row({ title, share, most }, index) {
  const y = 44 + index * ROW;
  const ours = title.startsWith('**');
  const width = Math.max(2, (share / most) * BAR);
  return [
    `<text x="${LEFT - 12}" y="${y + 15}" text-anchor="end"${ours ? ' font-weight="600"' : ''}>${escape(title.replaceAll('**', ''))}</text>`,
    `<rect x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="20" rx="3" fill="${ours ? '#1677ff' : '#a8b1bd'}"/>`,
    `<text x="${(LEFT + width + 8).toFixed(1)}" y="${y + 15}">${share.toFixed(2)}</text>`,
  ].join('\n');
}

/** @returns an SVG, the fastest first. */
export function chart(figures) {
  const rows = figures.map((one) => ({ title: one.title, share: ratio(one, figures[0]) }));
  rows.sort((a, b) => b.share - a.share);
  const most = rows[0].share;
  const height = 56 + rows.length * ROW;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="14" fill="#1f2329">
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="16" y="26" font-weight="600">One profile, requests a second on one core, to a bare proxy</text>
${rows.map((each, index) => row({ ...each, most }, index)).join('\n')}
</svg>
`;
}
