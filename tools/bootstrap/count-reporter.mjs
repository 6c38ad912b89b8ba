// SPDX-License-Identifier: Apache-2.0
/**
 * Closes a run with one plain line of counts, and, where WATTLEDGER_REQUIRE_ALL=1 asks for everything, makes a run with a
 * skipped test fail: a test that silently does not run is how a promise rots.
 */
export default class CountReporter {
  #skipped = 0;

  onRunComplete(_contexts, results) {
    this.#skipped = results.numPendingTests + results.numTodoTests;
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    if (process.env.WATTLEDGER_REQUIRE_ALL === '1' && this.#skipped > 0) {
      for (const suite of results.testResults) {
        for (const test of suite.testResults) {
          if (test.status === 'pending' || test.status === 'todo')
            console.error(`skipped: ${suite.testFilePath}: ${test.fullName}`);
        }
      }
    }
    process.stdout.write(
      `\ntests: ${results.numPassedTests} passed, ${failed} failed, ${this.#skipped} skipped\n`,
    );
  }

  getLastError() {
    if (process.env.WATTLEDGER_REQUIRE_ALL === '1' && this.#skipped > 0) {
      return new Error(`${this.#skipped} tests were skipped, and WATTLEDGER_REQUIRE_ALL=1 allows none`);
    }
    return undefined;
  }
}
