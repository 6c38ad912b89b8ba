// SPDX-License-Identifier: Apache-2.0
// One jest for the whole house. Node packages run as ESM through swc; the dashboard has its own preset.
const nodePackages = [
  'contracts',
  'platform',
  'registry',
  'ingest',
  'stream',
  'billing',
  'analytics',
  'app',
  'simulation',
  'tools',
];

const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
  ],
};

export default {
  // Two cores: more workers than that only make databases fight.
  maxWorkers: 2,
  // Not a measure of speed: a busy machine must not fail a test that does its work.
  testTimeout: 60_000,
  reporters: ['default', '<rootDir>/tools/bootstrap/count-reporter.mjs'],
  projects: [
    ...nodePackages.map((name) => ({
      displayName: name,
      rootDir: `./${name}`,
      testEnvironment: 'node',
      testMatch: ['<rootDir>/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '/dist/', '/fixtures/'],
      extensionsToTreatAsEsm: ['.ts'],
      transform,
    })),
    '<rootDir>/dashboard/jest.config.mjs',
  ],
};
