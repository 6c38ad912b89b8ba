// SPDX-License-Identifier: Apache-2.0
/**
 * Loaded into the product's process before its own code (`--import`): each SIGUSR2 sets the machine's clock a quarter of an
 * hour ahead, as a person or a time server might. Nothing of the product knows of it.
 */
const stepMs = 900_000;
const machineMs = Date.now.bind(Date);
let aheadMs = 0;
Date.now = () => machineMs() + aheadMs;
process.on('SIGUSR2', () => {
  aheadMs += stepMs;
});
