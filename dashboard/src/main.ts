// SPDX-License-Identifier: Apache-2.0
import { bootstrapApplication } from '@angular/platform-browser';
import { Root } from './app/root.ts';
import { applicationConfig } from './app/application-config.ts';

bootstrapApplication(Root, applicationConfig).catch((error: unknown) => {
  console.error(error);
});
