// SPDX-License-Identifier: Apache-2.0
/** Puts the registry together: every slice is made here, once. */
import { topics } from '@wattledger/contracts';
import {
  migrate,
  noChannels,
  type ActionLog,
  type Authenticator,
  type ChannelsConfig,
  type Consumer,
  type Parts,
  type Route,
  type Service,
} from '@wattledger/platform';
import type {
  ApiKeyCreateBody,
  ApiKeySecret,
  StaffCreateBody,
  StaffSecret,
} from '@wattledger/contracts/http/registry';
import { createActionLog, type RegistryActionLog } from './actions/action-log.ts';
import { actionRoutes } from './actions/actions-routes.ts';
import { createActionsService } from './actions/actions-service.ts';
import { alarmSchemeRoutes } from './alarm-schemes/alarm-schemes-routes.ts';
import {
  createAlarmSchemesService,
  type AlarmSchemesService,
} from './alarm-schemes/alarm-schemes-service.ts';
import { alarmRoutes } from './alarms/alarms-routes.ts';
import { alarmGroup, createAlarmsService, type AlarmsService } from './alarms/alarms-service.ts';
import { apiKeyRoutes } from './api-keys/api-keys-routes.ts';
import { createApiKeysService, type ApiKeysService } from './api-keys/api-keys-service.ts';
import { systemActor, type Actor } from './changes/actor.ts';
import { createProjectWriter, type ProjectWriter } from './changes/project-writer.ts';
import { registryDoctorChecks } from './doctor/doctor-checks.ts';
import { gatewayRoutes } from './gateways/gateways-routes.ts';
import { createGatewaysService, type GatewaysService } from './gateways/gateways-service.ts';
import { meteringPointRoutes } from './metering-points/metering-points-routes.ts';
import {
  createMeteringPointsService,
  type MeteringPointsService,
} from './metering-points/metering-points-service.ts';
import { meterRoutes } from './meters/meters-routes.ts';
import { createMetersService, type MetersService } from './meters/meters-service.ts';
import { mountingRoutes } from './mountings/mountings-routes.ts';
import { createMountingsService, type MountingsService } from './mountings/mountings-service.ts';
import { channelsOpened, openChannels, type Channels } from './notices/channels/open-channels.ts';
import { noticeRoutes } from './notices/notices-routes.ts';
import { createNoticesService, type NoticesService } from './notices/notices-service.ts';
import { noticeFacts } from './notices/notices-store.ts';
import { createNoticesWorker } from './notices/notices-worker.ts';
import { placeRoutes } from './places/places-routes.ts';
import { createPlacesService, type PlacesService } from './places/places-service.ts';
import { projectRoutes } from './projects/projects-routes.ts';
import { createProjectsService, type ProjectsService } from './projects/projects-service.ts';
import { createAuthenticator } from './sessions/authenticator.ts';
import type { SessionLimits } from './sessions/session-limits.ts';
import { sessionRoutes } from './sessions/sessions-routes.ts';
import { createSessionsService, type SessionsService } from './sessions/sessions-service.ts';
import { siteFileRoutes } from './site-files/site-files-routes.ts';
import { createSiteFilesService, type SiteFilesService } from './site-files/site-files-service.ts';
import { retellProject } from './snapshots/retell.ts';
import { seedStaff, type SeededPassword, type SeededPerson } from './staff/seed-staff.ts';
import { staffRoutes } from './staff/staff-routes.ts';
import { createStaffService, type StaffCreateOptions, type StaffService } from './staff/staff-service.ts';
import { tenantRoutes } from './tenants/tenants-routes.ts';
import { createTenantsService, type TenantsService } from './tenants/tenants-service.ts';
import { treeRoutes } from './tree/tree-routes.ts';
import { createTreeService, type TreeService } from './tree/tree-service.ts';
import { createClaimsService, type ClaimsService } from './unclaimed-devices/claims-service.ts';
import type { MeterModels } from './unclaimed-devices/meter-models.ts';
import { unclaimedDeviceRoutes } from './unclaimed-devices/unclaimed-devices-routes.ts';
import {
  createUnclaimedDevicesService,
  deviceCallsGroup,
  type UnclaimedDevicesService,
} from './unclaimed-devices/unclaimed-devices-service.ts';

export interface RegistryOptions {
  /** Deviations from the usual limits of sessions and sign-in. */
  readonly sessionLimits?: Partial<SessionLimits>;
  /** What is known of meters' models, to claim meters by. Without it models are taken on trust. */
  readonly meterModels?: MeterModels;
  /** How messages leave the product; left out: in the product only. */
  readonly channels?: ChannelsConfig;
}

/** The slices, for the command line and the seeds: what a route can do, without HTTP. */
export interface RegistrySlices {
  readonly projects: ProjectsService;
  readonly places: PlacesService;
  readonly gateways: GatewaysService;
  readonly meters: MetersService;
  readonly meteringPoints: MeteringPointsService;
  readonly mountings: MountingsService;
  readonly tenants: TenantsService;
  readonly tree: TreeService;
  readonly siteFiles: SiteFilesService;
  readonly staff: StaffService;
  readonly sessions: SessionsService;
  readonly apiKeys: ApiKeysService;
  readonly alarms: AlarmsService;
  readonly alarmSchemes: AlarmSchemesService;
  readonly notices: NoticesService;
  readonly unclaimedDevices: UnclaimedDevicesService;
  readonly claims: ClaimsService;
}

export interface RegistryService extends Service, RegistrySlices {
  readonly name: 'registry';
  readonly authenticator: Authenticator;
  readonly actionLog: RegistryActionLog & ActionLog;
  readonly importSite: SiteFilesService['importSite'];
  readonly exportSite: SiteFilesService['exportSite'];
  /** Without an actor: as the machine's owner. */
  createStaff(body: StaffCreateBody, actor?: Actor): Promise<StaffSecret>;
  createApiKey(body: ApiKeyCreateBody, actor?: Actor): Promise<ApiKeySecret>;
  /** People with random passwords, answered once; logins that exist are left alone. */
  seedStaff(
    people: readonly SeededPerson[],
    options?: StaffCreateOptions,
  ): Promise<readonly SeededPassword[]>;
  /** Tells everything of a project to the others again: the remedy when the doctor finds a difference. */
  retell(projectId: string, actor?: Actor): Promise<{ readonly snapshots: number }>;
  /** Sends every message that is due now. @returns how much was done */
  workNotices(): Promise<number>;
}

const sweepEveryMs = 3_600_000;

export function createRegistryService(
  parts: Pick<Parts, 'database' | 'eventLog' | 'clock' | 'logger'>,
  options: RegistryOptions = {},
): RegistryService {
  const { database, eventLog, logger } = parts;
  const actionLog = createActionLog(parts);
  const writer = createProjectWriter({ database, eventLog, clock: parts.clock, actionLog });
  const channels = openChannels(options.channels ?? noChannels, parts.clock);
  const slices = createSlices(parts, writer, actionLog, { ...options, opened: channels });
  const notices = createNoticesWorker({ database, clock: parts.clock, logger, channels });
  let consumers: readonly Consumer[] = [];
  let sweeper: NodeJS.Timeout | null = null;

  return {
    name: 'registry',
    ...slices,
    actionLog,
    authenticator: createAuthenticator(slices.sessions, slices.apiKeys),
    routes: routesOf(slices, createActionsService({ database, actionLog })),
    importSite: slices.siteFiles.importSite,
    exportSite: slices.siteFiles.exportSite,
    createStaff: async (body, actor = systemActor) => await slices.staff.create(actor, body),
    createApiKey: async (body, actor = systemActor) => await slices.apiKeys.create(actor, body),
    seedStaff: async (people, given) => await seedStaff(database, slices.staff, people, given),
    retell: async (projectId, actor = systemActor) => await retellProject(writer, actor, projectId),
    workNotices: async () => await notices.work(),
    doctorChecks: registryDoctorChecks({ database, eventLog, logger, actionLog }),
    async migrate() {
      await migrate(database, { schema: 'registry', directory: new URL('../sql/', import.meta.url) });
    },
    async start() {
      if (consumers.length === 0)
        consumers = [await slices.alarms.consume(), await slices.unclaimedDevices.consume()];
      const sweep = (): void => {
        slices.sessions.sweep().catch((error: unknown) => {
          logger.warn({ err: error }, 'ended sessions could not be deleted; trying again in an hour');
        });
      };
      sweeper ??= setInterval(sweep, sweepEveryMs);
      notices.start();
    },
    async stop() {
      if (sweeper !== null) clearInterval(sweeper);
      sweeper = null;
      const stopping = consumers;
      consumers = [];
      for (const consumer of stopping) await consumer.stop();
      await notices.stop();
    },
    async health() {
      const lag = await eventLog.lag(alarmGroup, topics.alarmSignals);
      const calls = await eventLog.lag(deviceCallsGroup, topics.deviceCalls);
      return {
        state: 'ok',
        facts: {
          alarmSignalsWaiting: lag.records,
          alarmSignalsOldestMs: lag.oldestMs,
          deviceCallsWaiting: calls.records,
          ...(await noticeFacts(database)),
        },
      };
    },
  };
}

function createSlices(
  parts: Pick<Parts, 'database' | 'eventLog' | 'clock' | 'logger'>,
  writer: ProjectWriter,
  actionLog: RegistryActionLog,
  options: RegistryOptions & { readonly opened: Channels },
): RegistrySlices {
  const { database, eventLog, clock } = parts;
  const limits = options.sessionLimits === undefined ? {} : { limits: options.sessionLimits };
  return {
    projects: createProjectsService({ database, writer }),
    places: createPlacesService({ database, writer }),
    gateways: createGatewaysService({ database, writer }),
    meters: createMetersService({ database, clock, writer }),
    meteringPoints: createMeteringPointsService({ database, clock, writer }),
    mountings: createMountingsService({ database, writer }),
    tenants: createTenantsService({ database, writer }),
    tree: createTreeService({ database, clock }),
    siteFiles: createSiteFilesService({ database, writer }),
    staff: createStaffService({ database, clock, actionLog }),
    sessions: createSessionsService({ database, clock, actionLog, ...limits }),
    apiKeys: createApiKeysService({ database, clock, actionLog }),
    alarms: createAlarmsService({ database, eventLog, clock, actionLog }),
    alarmSchemes: createAlarmSchemesService({ database, writer, channels: channelsOpened(options.opened) }),
    notices: createNoticesService({ database, clock, actionLog }),
    unclaimedDevices: createUnclaimedDevicesService({ database, eventLog }),
    claims: createClaimsService({ writer, modelOf: options.meterModels ?? null }),
  };
}

function routesOf(slices: RegistrySlices, actions: Parameters<typeof actionRoutes>[0]): readonly Route[] {
  return [
    ...sessionRoutes(slices.sessions),
    // Before the projects: /api/projects/import-site must not be taken for a project called import-site.
    ...siteFileRoutes(slices.siteFiles),
    ...projectRoutes(slices.projects),
    ...treeRoutes(slices.tree),
    ...placeRoutes(slices.places),
    ...gatewayRoutes(slices.gateways),
    ...meterRoutes(slices.meters),
    ...meteringPointRoutes(slices.meteringPoints),
    ...mountingRoutes(slices.mountings),
    ...tenantRoutes(slices.tenants),
    ...staffRoutes(slices.staff),
    ...apiKeyRoutes(slices.apiKeys),
    ...actionRoutes(actions),
    ...alarmRoutes(slices.alarms),
    ...alarmSchemeRoutes(slices.alarmSchemes),
    ...noticeRoutes(slices.notices),
    ...unclaimedDeviceRoutes(slices.unclaimedDevices, slices.claims),
  ];
}
