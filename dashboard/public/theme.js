// SPDX-License-Identifier: Apache-2.0
// Runs before the first paint so that a remembered theme never flashes; a file of its own because the page's policy forbids inline scripts.
try {
  var theme = localStorage.getItem('wattledger.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch (error) {
  // Storage may be forbidden; the system's scheme is then the answer.
}
