import { parser } from '@prometheus-io/lezer-promql';

/** A metric as an expression of Prometheus' language asks for it. */
export interface Asked {
  readonly metric: string;
  readonly labels: readonly string[];
}

/**
 * The metrics of an expression.
 * @throws Error where it is none.
 */
export function metricsOf(expression: string): Asked[] {
  const asked: { metric: string; labels: string[] }[] = [];
  parser.parse(expression).iterate({
    enter: ({ name, from, to, type }) => {
      const text = expression.slice(from, to);
      if (type.isError) throw new Error(`not PromQL at ${from}: ${expression}`);
      if (name === 'VectorSelector') asked.push({ metric: /^[\w:]+/.exec(text)?.[0] ?? '', labels: [] });
      if (name === 'LabelName') asked.at(-1)?.labels.push(text);
    },
  });
  if (asked.length === 0) throw new Error(`no metric in ${expression}`);
  return asked;
}
