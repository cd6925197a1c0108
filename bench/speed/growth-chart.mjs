// How cost grows, as a chart: what one costs, to what it costs where there are fewest; flat is linear as a whole.
const [WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM] = [880, 360, 60, 50, 300, 50];
const COLOURS = ['#1677ff', '#d4380d', '#389e0d', '#722ed1'];
const MOST_DECADES = 5;

const x = (size) => LEFT + (Math.log10(size) / MOST_DECADES) * (WIDTH - LEFT - RIGHT);

function curve({ title, of, rows }, index, most) {
  const colour = COLOURS[index];
  const y = (us) => HEIGHT - BOTTOM - (us / rows[0].us / most) * (HEIGHT - TOP - BOTTOM);
  const points = rows.map(({ size, us }) => [x(size), y(us)].map((each) => each.toFixed(1)));
  const dots = points.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3.5" fill="${colour}"/>`).join('');
  const nameY = TOP + 20 + index * 40;
  return `<polyline points="${points.map((point) => point.join(',')).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>${dots}
<text x="${WIDTH - RIGHT + 24}" y="${nameY}" fill="${colour}" font-weight="600">${title}</text>
<text x="${WIDTH - RIGHT + 24}" y="${nameY + 17}" fill="#646a73">CPU of ${of}</text>`;
}

/** @returns an SVG of the tables. */
export function growthChart(tables) {
  const shares = tables.flatMap(({ rows }) => rows.map(({ us }) => us / rows[0].us));
  const most = Math.max(2, Math.ceil(Math.max(...shares)));
  const marks = Array.from({ length: MOST_DECADES }, (_, decade) => 10 ** decade);
  const ticks = marks.map(
    (size) =>
      `<text x="${x(size).toFixed(1)}" y="${HEIGHT - BOTTOM + 22}" text-anchor="middle">${size.toLocaleString('en')}</text>`,
  );
  const levels = Array.from({ length: most + 1 }, (_, level) => {
    const y = (HEIGHT - BOTTOM - (level / most) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
    return `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}" stroke="#dee0e3"/><text x="${LEFT - 10}" y="${Number(y) + 5}" text-anchor="end">${level}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="14" fill="#1f2329">
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="16" y="26" font-weight="600">What one costs, to what it costs where there are fewest</text>
${[...levels, ...ticks, ...tables.map((each, index) => curve(each, index, most))].join('\n')}
</svg>
`;
}
