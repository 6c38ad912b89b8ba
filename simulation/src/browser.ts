// SPDX-License-Identifier: Apache-2.0
/** Chromium as Debian ships it, for tests that look at pages. */
import { existsSync } from 'node:fs';
import { source as axeSource } from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';

const places = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** Path of the browser; undefined when there is none, with the reason printed. @throws Error when WATTLEDGER_REQUIRE_ALL=1 */
export function findChromium(): string | undefined {
  const found = places.find((path) => path !== undefined && existsSync(path));
  if (found !== undefined) return found;
  const reason = 'no Chromium found: apt-get install chromium, or name one in CHROMIUM';
  if (process.env['WATTLEDGER_REQUIRE_ALL'] === '1') throw new Error(reason);
  console.log(`skipped: ${reason}`);
  return undefined;
}

export function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly html: string;
}

/** What axe finds on the page as it stands. */
export async function violationsOn(page: Page): Promise<Violation[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
    };
    return (await axe.run()).violations.map(({ id, impact, nodes }) => ({
      id,
      impact,
      html: nodes[0]?.html ?? '',
    }));
  });
}
