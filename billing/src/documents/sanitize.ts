// SPDX-License-Identifier: Apache-2.0
/** The cleaner of HTML, loaded at its first use: it asks for the parser in the old way, which may not happen while modules load. */
import { createRequire } from 'node:module';
import type sanitizeHtml from 'sanitize-html';

const require = createRequire(import.meta.url);

export const sanitize = (html: string, options: sanitizeHtml.IOptions): string =>
  (require('sanitize-html') as typeof sanitizeHtml)(html, options);
