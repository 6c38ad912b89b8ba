// SPDX-License-Identifier: Apache-2.0
import presets from 'jest-preset-angular/presets/index.js';

export default {
  ...presets.createEsmPreset({ tsconfig: '<rootDir>/tsconfig.spec.json' }),
  displayName: 'dashboard',
  rootDir: import.meta.dirname,
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
  setupFilesAfterEnv: ['<rootDir>/src/test-setup.ts'],
  moduleNameMapper: {
    '^@wattledger/contracts$': '<rootDir>/../contracts/src/index.ts',
    '^@wattledger/contracts/http/(.*)$': '<rootDir>/../contracts/src/http/$1.ts',
  },
};
