// SPDX-License-Identifier: Apache-2.0
import type { Config } from '@wattledger/platform';

/** As variables, to be set again where a copy runs; without addresses of servers and passwords. */
export function settingsOf(config: Config): Record<string, string> {
  return {
    HOST: config.host,
    PORT: String(config.port),
    PUBLIC_ORIGINS: config.publicOrigins.join(','),
    TRUST_PROXY: String(config.trustProxy),
    LOG_PARTITIONS: String(config.logPartitions),
    LOG_LEVEL: config.logLevel,
  };
}
