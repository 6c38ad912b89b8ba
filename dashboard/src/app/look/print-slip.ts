// SPDX-License-Identifier: Apache-2.0

/** Prints what stands in `.receipt`s and nothing else. */
export function printSlip(): void {
  document.body.classList.add('printing-receipt');
  window.print();
  document.body.classList.remove('printing-receipt');
}
