// What the gateway is to reach, each goal by a ratio of two figures of one run.
import { ratio } from './measuring.mjs';

const named = (figures) => (name) => figures.find((one) => one.name === name);

function* throughputGoals(figures) {
  const of = named(figures);
  const row = (what, [one, other], must, wanted) =>
    of(other) && { what, reached: ratio(of(one), of(other)), must, wanted };
  yield row('one profile, to the bare proxy', ['gateway', 'bare'], 0.57, 0.8);
  yield row('to the Nest tutorial app', ['gateway', 'tutorial'], 5, 7);
  yield row('to Apollo Server standalone', ['gateway', 'apollo'], 3.2, 4.5);
  yield row('to graphql-yoga', ['gateway', 'yoga'], 4.3, 6);
  yield row('to Hive Gateway', ['gateway', 'hive'], 5.2, 7);
  yield row('to mercurius with jit and axios', ['gateway', 'mercurius'], 1.8, 2.5);
  yield row('to DingTalk’s SDK behind node:http', ['gateway', 'sdk'], 1.1, 1.5);
  yield row('to Tailcall', ['gateway', 'tailcall'], 0.27, 0.4);
  yield row('remembered reads, to Tailcall that remembers nothing', ['remembered', 'tailcall'], 1);
  yield row('ids in the document, to ids in variables', ['inline', 'gateway'], 0.8);
  yield row('REST profile, to the bare proxy', ['rest', 'bare'], 0.6, 0.85);
}

function* otherGoals({ latency, people, starts }) {
  const [late, many, start] = [named(latency), named(people), named(starts)];
  yield {
    what: '20 people in one operation, to the tutorial app',
    reached: ratio(many('gateway'), many('tutorial')),
    must: 6,
  };
  const atMost = (what, one, other, must) => ({ what, reached: one / other, must, atMost: true });
  yield atMost('p50 at 30 ms upstream, to the bare proxy', late('gateway').p50, late('bare').p50, 1.05);
  yield atMost('start to first answer, to the tutorial app', start('gateway').startMs, start('tutorial').startMs, 0.45);
  yield atMost('memory at rest, to the tutorial app', start('gateway').idleMb, start('tutorial').idleMb, 0.8);
}

export const goals = (results) => [
  ...[...throughputGoals(results.throughput.figures)].filter(Boolean),
  ...otherGoals(results),
];

/** @returns whether it is reached. */
export const isReached = ({ reached, must, atMost }) => (atMost ? reached <= must : reached >= must);
