/** The files that take longest, the longest first: one that begins last has a core to itself at the end, and the other is idle. */
const SLOWEST = [
  ...['commands', 'differential', 'large', 'remembering', 'access', 'own-writes', 'tokens', 'export', 'refusals'],
  ...['hostile-http', 'upstream', 'corpus', 'network', 'quota'],
  ...[
    'redis-away',
    'balanced',
    'one-quota',
    'trail-away',
    'redis-kinds',
    'trail-crash',
    'soak',
    'trail-shared',
    'tampering',
  ],
];

const rankOf = ({ path }) => {
  const rank = SLOWEST.findIndex((name) => path.endsWith(`/${name}.spec.ts`));
  return rank < 0 ? SLOWEST.length : rank;
};

/** In which order Jest begins its files. */
export default class SlowestFirst {
  sort(tests) {
    return [...tests].sort((one, other) => rankOf(one) - rankOf(other));
  }

  allFailedTests(tests) {
    return tests;
  }

  shard(tests) {
    return tests;
  }

  cacheResults() {
    // Nothing is remembered: the order is the same everywhere.
  }
}
