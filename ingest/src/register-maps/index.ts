// SPDX-License-Identifier: Apache-2.0
export * from './circuits.ts';
export * from './register-map.ts';
export * from './register-maps.ts';
export * from './register-values.ts';
export * from './read-plan.ts';
export * from './supply-switch.ts';
