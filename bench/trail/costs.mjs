// What the trail costs a change.
import { percentile } from '../load.mjs';
import { gatewayWith, ms, progress, send, write } from './setting.mjs';

const ROUNDS = 3;

/** How long the trail itself has written, and how many transactions it took. */
async function writes({ adminPort }) {
  const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  const of = (name) => Number(new RegExp(`^gateway_audit_write_seconds_${name} ([0-9.e-]+)$`, 'm').exec(text)?.[1]);
  return { seconds: of('sum'), transactions: of('count') };
}

/** So many changes, so many of them at a time. */
async function change(gateway, atOnce, count) {
  const before = await writes(gateway);
  const took = [];
  let left = count;
  const startMs = performance.now();
  const work = async () => {
    while (left > 0) {
      left -= 1;
      const began = performance.now();
      // One call at DingTalk besides the read of the employee in whose name it is done.
      const body = JSON.stringify({ toCorpIds: [`ding${left}`], optUserId: 'lisi' });
      await send(gateway, { method: 'PUT', path: '/v1/org-accounts/visibility', body });
      took.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const seconds = (performance.now() - startMs) / 1000;
  const after = await writes(gateway);
  const transactions = after.transactions - before.transactions;
  return {
    perS: count / seconds,
    p50: percentile(took, 0.5),
    p99: percentile(took, 0.99),
    trailMs: ((after.seconds - before.seconds) * 1000) / transactions,
    together: (2 * count) / transactions,
  };
}

const median = (rows, field) =>
  percentile(
    rows.map((row) => row[field]),
    0.5,
  );

export async function costs({ sandbox, stores }, changes) {
  write(
    `What the trail costs: ${changes} changes a round, medians of ${ROUNDS} rounds, the databases in turns. A change waits for two transactions, with an fsync each.\n\n`,
  );
  write('| database | at a time | changes/s | p50 | p99 | one transaction | records in it | of p50 |\n');
  write('| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n');
  const gateways = [];
  for (const { name, environment } of stores) gateways.push({ name, ...(await gatewayWith(sandbox, environment())) });
  for (const atOnce of [1, 32]) {
    const rows = new Map(gateways.map(({ name }) => [name, []]));
    const count = atOnce === 1 ? Math.ceil(changes / 10) : changes;
    for (const gateway of gateways) await change(gateway, atOnce, Math.ceil(count / 5));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const gateway of gateways) {
        progress(`${gateway.name}, ${atOnce} at a time, round ${round + 1} of ${ROUNDS} …`);
        rows.get(gateway.name).push(await change(gateway, atOnce, count));
      }
    }
    progress('');
    for (const [name, all] of rows) {
      const [p50, trailMs] = [median(all, 'p50'), median(all, 'trailMs')];
      const share = atOnce === 1 ? `${Math.round((200 * trailMs) / p50)} %` : '';
      write(
        `| ${name} | ${atOnce} | ${Math.round(median(all, 'perS'))} | ${ms(p50)} | ${ms(median(all, 'p99'))} | ${ms(trailMs)} | ${median(all, 'together').toFixed(1)} | ${share} |\n`,
      );
    }
  }
  for (const { pool, stop } of gateways) {
    await pool.close();
    await stop();
  }
}
