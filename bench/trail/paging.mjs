// How the trail is read when it is long.
import { percentile } from '../load.mjs';
import { fill } from './records.mjs';
import { gatewayWith, ms, progress, send, write } from './setting.mjs';

const FILTERS = [
  '',
  'caller=app:caller-3',
  'operation=setOrgAccountVisibility',
  'target=department:2000',
  'outcome=FORBIDDEN',
  'phase=INTENT',
  'caller=app:caller-7&outcome=FORBIDDEN',
  'caller=app:caller-3&operation=createDepartment&phase=DONE',
];

const PAGES = 100;
const LIMIT = 100;

async function page(gateway, query) {
  const began = performance.now();
  const { auditEvents, pageInfo } = await send(gateway, {
    method: 'GET',
    path: `/v1/audit-events?limit=${LIMIT}&${query}`,
  });
  return { ms: performance.now() - began, count: auditEvents.length, ...pageInfo };
}

/** The last page: the cursor of the one before it is found by going there. */
async function lastPage(gateway, filter) {
  let query = filter;
  for (let pages = 1; ; pages += 1) {
    const { hasNextPage, endCursor } = await page(gateway, query);
    if (!hasNextPage) return { query, pages };
    query = `${filter}&cursor=${encodeURIComponent(endCursor)}`;
    if (pages % 100 === 0) progress(`${filter}: page ${pages} …`);
  }
}

/** @returns how many times longer than the first page the last one takes at most. */
export async function paging({ sandbox, stores }, count) {
  write(
    `\nHow it is read with ${count} records: ${PAGES} requests for the first page and for the last one of each filter, in turns, ${LIMIT} records a page; medians.\n\n`,
  );
  write('| database | filter | pages | first page | last page | ratio |\n| --- | --- | ---: | ---: | ---: | ---: |\n');
  let worst = 0;
  for (const { name, environment } of stores) {
    const own = environment();
    const maker = await gatewayWith(sandbox, own);
    await send(maker, { method: 'GET', path: '/v1/audit-events?limit=1' });
    await maker.pool.close();
    await maker.stop();
    await fill(own, count);
    const gateway = await gatewayWith(sandbox, own);
    for (const filter of FILTERS) {
      const { query, pages } = await lastPage(gateway, filter);
      const [first, last] = [[], []];
      for (let at = 0; at < PAGES; at += 1) {
        first.push((await page(gateway, filter)).ms);
        last.push((await page(gateway, query)).ms);
      }
      const [a, b] = [percentile(first, 0.5), percentile(last, 0.5)];
      worst = Math.max(worst, b / a);
      progress('');
      write(`| ${name} | ${filter || 'none'} | ${pages} | ${ms(a)} | ${ms(b)} | ${(b / a).toFixed(2)} |\n`);
    }
    await gateway.pool.close();
    await gateway.stop();
  }
  write(`\nThe last page takes at most ${worst.toFixed(2)} times the first.\n`);
  return worst;
}
