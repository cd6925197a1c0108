import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.cache/', 'coverage/', 'bench/speed/peers/tutorial.ts'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: ['./tsconfig.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      'max-lines': ['error', { max: 200, skipBlankLines: false, skipComments: false }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      complexity: ['error', 12],
      eqeqeq: 'error',
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only libs/config reads the environment.' },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // An async method keeps a port's promise even where the work is done at once.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    // Who may read the environment: the settings, the sandbox, which shares nothing with them, and tests that start programs.
    files: ['libs/config/src/read-settings.ts', 'apps/dingtalk-sandbox/src/main.ts', 'test/harness/processes.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    // A Nest constructor names what it needs; five are five.
    files: [
      '**/*.service.ts',
      '**/*.options.ts',
      '**/graphql-contexts.ts',
      '**/fast-path.ts',
      'libs/dingtalk/src/client.ts',
    ],
    rules: { 'max-params': ['error', 5] },
  },
  {
    // The endpoints and shapes of DingTalk's departments have some forty fields each, one line a field.
    files: ['libs/contact/src/department/department.endpoints.ts'],
    rules: { 'max-lines-per-function': 'off' },
  },
  {
    // A describe block is a list of facts, not a function that somebody has to follow.
    files: ['**/*.spec.ts'],
    rules: { 'max-lines-per-function': 'off', 'max-lines': ['error', 400] },
  },
  {
    // Tests look into answers of every shape; a wrong look fails the test.
    files: ['test/**/*.ts'],
    rules: Object.fromEntries(
      ['assignment', 'member-access', 'return', 'argument', 'call'].map((use) => [
        `@typescript-eslint/no-unsafe-${use}`,
        'off',
      ]),
    ),
  },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        fetch: 'readonly',
        setTimeout: 'readonly',
        AbortSignal: 'readonly',
      },
    },
    rules: { 'no-restricted-properties': 'off', 'no-console': 'off' },
  },
);
