// SPDX-License-Identifier: Apache-2.0
import { inject } from '@angular/core';
import type { CanActivateFn, Routes } from '@angular/router';
import { Site } from './session/site.ts';
import { holds, homePage, knownProject, ownPassword, signedIn } from './session/guards.ts';

/** Opens the project of the address for every page beneath. */
const opensProject: CanActivateFn = (route) => {
  inject(Site).projectId.set(route.paramMap.get('projectId'));
  return true;
};
/** The group stands above all projects; pages of administration keep the project one came from. */
const leavesProject: CanActivateFn = () => {
  inject(Site).projectId.set(null);
  return true;
};

const projectPages: Routes = [
  {
    path: '',
    pathMatch: 'full',
    title: 'page.overview',
    canActivate: [holds('energy:read')],
    loadComponent: () => import('./pages/overview/overview-page.ts').then((module) => module.OverviewPage),
  },
  {
    path: 'trend',
    title: 'page.trend',
    canActivate: [holds('energy:read')],
    loadComponent: () => import('./pages/trend/trend-page.ts').then((module) => module.TrendPage),
  },
  {
    path: 'ranking',
    title: 'page.ranking',
    canActivate: [holds('energy:read')],
    loadComponent: () => import('./pages/ranking/ranking-page.ts').then((module) => module.RankingPage),
  },
  {
    path: 'comparison',
    title: 'page.comparison',
    canActivate: [holds('energy:read')],
    loadComponent: () =>
      import('./pages/comparison/comparison-page.ts').then((module) => module.ComparisonPage),
  },
  {
    path: 'loss',
    title: 'page.loss',
    canActivate: [holds('energy:read')],
    loadComponent: () => import('./pages/loss/loss-page.ts').then((module) => module.LossPage),
  },
  {
    path: 'flow',
    title: 'page.flow',
    canActivate: [holds('energy:read')],
    loadComponent: () => import('./pages/flow/flow-page.ts').then((module) => module.FlowPage),
  },
  {
    path: 'rates',
    title: 'page.rates',
    canActivate: [holds('energy:read')],
    loadComponent: () => import('./pages/rates/rates-page.ts').then((module) => module.RatesPage),
  },
  {
    path: 'wall',
    title: 'page.wall',
    canActivate: [holds('meter:read')],
    loadComponent: () => import('./pages/wall/wall-page.ts').then((module) => module.WallPage),
  },
  {
    path: 'devices',
    title: 'page.devices',
    canActivate: [holds('meter:read')],
    loadComponent: () => import('./pages/devices/devices-page.ts').then((module) => module.DevicesPage),
  },
  {
    path: 'gateways/:gatewayId',
    title: 'page.gateway',
    canActivate: [holds('meter:read')],
    loadComponent: () => import('./pages/gateway/gateway-page.ts').then((module) => module.GatewayPage),
  },
  {
    path: 'meters/:meterId',
    title: 'page.meter',
    canActivate: [holds('meter:read')],
    loadComponent: () => import('./pages/meter/meter-page.ts').then((module) => module.MeterPage),
  },
  {
    path: 'claim',
    title: 'page.claim',
    canActivate: [holds('project:write')],
    loadComponent: () => import('./pages/claim/claim-page.ts').then((module) => module.ClaimPage),
  },
  {
    path: 'accounts',
    title: 'page.accounts',
    canActivate: [holds('account:read')],
    loadComponent: () => import('./pages/accounts/accounts-page.ts').then((module) => module.AccountsPage),
  },
  {
    path: 'accounts/:accountId',
    title: 'page.account',
    canActivate: [holds('account:read')],
    loadComponent: () => import('./pages/account/account-page.ts').then((module) => module.AccountPage),
  },
  {
    path: 'account-openings',
    title: 'page.openings',
    canActivate: [holds('account:write')],
    loadComponent: () => import('./pages/accounts/openings-page.ts').then((module) => module.OpeningsPage),
  },
  {
    path: 'account-record',
    title: 'page.account-record',
    canActivate: [holds('account:read')],
    loadComponent: () => import('./pages/accounts/records-page.ts').then((module) => module.RecordsPage),
  },
  {
    path: 'points/:pointId',
    title: 'page.point',
    canActivate: [holds('energy:read')],
    loadComponent: () => import('./pages/point/point-page.ts').then((module) => module.PointPage),
  },
  {
    path: 'alarms',
    title: 'page.alarms',
    canActivate: [holds('alarm:read')],
    loadComponent: () => import('./pages/alarms/alarms-page.ts').then((module) => module.AlarmsPage),
  },
  {
    path: 'alarm-schemes',
    title: 'page.alarm-schemes',
    canActivate: [holds('alarm:read')],
    loadComponent: () =>
      import('./pages/alarm-schemes/alarm-schemes-page.ts').then((module) => module.AlarmSchemesPage),
  },
  {
    path: 'notices',
    title: 'page.notices',
    canActivate: [holds('alarm:read')],
    loadComponent: () => import('./pages/notices/notices-page.ts').then((module) => module.NoticesPage),
  },
  {
    path: 'held-readings',
    title: 'page.held',
    canActivate: [holds('meter:read')],
    loadComponent: () => import('./pages/held/held-page.ts').then((module) => module.HeldPage),
  },
  {
    path: 'prices',
    title: 'page.prices',
    canActivate: [holds('price:read')],
    loadComponent: () => import('./pages/prices/prices-page.ts').then((module) => module.PricesPage),
  },
  {
    path: 'prices/:priceSchemeId/versions/:priceVersionId',
    title: 'page.replay',
    canActivate: [holds('price:read')],
    loadComponent: () => import('./pages/prices/replay/replay-page.ts').then((module) => module.ReplayPage),
  },
  {
    path: 'prices/:priceSchemeId/new-version',
    title: 'price.new-version',
    canActivate: [holds('price:write')],
    loadComponent: () => import('./pages/prices/draft/draft-page.ts').then((module) => module.PriceDraftPage),
  },
  {
    path: 'counter',
    title: 'page.counter',
    canActivate: [holds('vend:write')],
    loadComponent: () => import('./pages/counter/counter-page.ts').then((module) => module.CounterPage),
  },
  {
    path: 'shifts',
    title: 'page.shifts',
    canActivate: [holds('account:read')],
    loadComponent: () => import('./pages/counter/shifts-page.ts').then((module) => module.ShiftsPage),
  },
  {
    path: 'payments',
    title: 'page.payments',
    canActivate: [holds('account:read')],
    loadComponent: () => import('./pages/payments/payments-page.ts').then((module) => module.PaymentsPage),
  },
  {
    path: 'supply',
    title: 'page.supply',
    canActivate: [holds('account:read')],
    loadComponent: () => import('./pages/supply/supply-page.ts').then((module) => module.SupplyPage),
  },
  {
    path: 'arrears',
    title: 'page.arrears',
    canActivate: [holds('account:read')],
    loadComponent: () => import('./pages/arrears/arrears-page.ts').then((module) => module.ArrearsPage),
  },
  {
    path: 'shared-costs',
    title: 'page.shared-costs',
    canActivate: [holds('account:read')],
    loadComponent: () =>
      import('./pages/shared-costs/shared-costs-page.ts').then((module) => module.SharedCostsPage),
  },
  {
    path: 'income',
    title: 'page.income',
    canActivate: [holds('account:read')],
    loadComponent: () => import('./pages/income/income-page.ts').then((module) => module.IncomePage),
  },
];

const bookPages: Routes = [
  {
    path: 'orders',
    title: 'page.orders',
    canActivate: [holds('account:read')],
    loadComponent: () => import('./pages/orders/orders-page.ts').then((module) => module.OrdersPage),
  },
  {
    path: 'consumption-report',
    title: 'page.consumption-report',
    canActivate: [holds('account:read')],
    loadComponent: () => import('./pages/books/report-page.ts').then((module) => module.ReportPage),
  },
  {
    path: 'daily-close',
    title: 'page.daily-close',
    canActivate: [holds('account:read')],
    loadComponent: () => import('./pages/books/daily-close-page.ts').then((module) => module.DailyClosePage),
  },
  {
    path: 'journal',
    title: 'page.journal',
    canActivate: [holds('account:read')],
    loadComponent: () => import('./pages/books/journal-page.ts').then((module) => module.JournalPage),
  },
  {
    path: 'document-templates',
    title: 'page.document-templates',
    canActivate: [holds('account:read')],
    loadComponent: () => import('./pages/documents/templates-page.ts').then((module) => module.TemplatesPage),
  },
  {
    path: 'documents/:subjectId',
    title: 'page.document',
    canActivate: [holds('account:read')],
    loadComponent: () => import('./pages/documents/document-page.ts').then((module) => module.DocumentPage),
  },
];

export const routes: Routes = [
  {
    path: 'verify',
    title: 'verify.title',
    loadComponent: () => import('./pages/documents/verify-page.ts').then((module) => module.VerifyPage),
  },
  {
    path: 'verify/:code',
    title: 'verify.title',
    loadComponent: () => import('./pages/documents/verify-page.ts').then((module) => module.VerifyPage),
  },
  {
    path: 'sign-in',
    title: 'session.sign-in',
    loadComponent: () => import('./pages/sign-in/sign-in-page.ts').then((module) => module.SignInPage),
  },
  {
    path: 'unreachable',
    title: 'problem.unreachable',
    loadComponent: () =>
      import('./pages/dead-ends/unreachable-page.ts').then((module) => module.UnreachablePage),
  },
  {
    path: '',
    loadComponent: () => import('./shell/frame.ts').then((module) => module.Frame),
    canActivate: [signedIn],
    canActivateChild: [ownPassword],
    children: [
      { path: '', pathMatch: 'full', canActivate: [homePage], children: [] },
      {
        path: 'p/:projectId',
        canActivate: [knownProject, opensProject],
        runGuardsAndResolvers: 'paramsChange',
        children: [...projectPages, ...bookPages],
      },
      {
        path: 'group',
        title: 'page.group',
        canActivate: [leavesProject],
        loadComponent: () => import('./pages/group/group-page.ts').then((module) => module.GroupPage),
      },
      {
        path: 'staff',
        title: 'page.staff',
        canActivate: [holds('staff:read')],
        loadComponent: () => import('./pages/staff/staff-page.ts').then((module) => module.StaffPage),
      },
      {
        path: 'actions',
        title: 'page.actions',
        canActivate: [holds('audit:read')],
        loadComponent: () => import('./pages/actions/actions-page.ts').then((module) => module.ActionsPage),
      },
      {
        path: 'system',
        title: 'page.system',
        canActivate: [holds('system:read')],
        loadComponent: () => import('./pages/system/system-page.ts').then((module) => module.SystemPage),
      },
      {
        path: 'me',
        title: 'page.me',
        loadComponent: () => import('./pages/me/me-page.ts').then((module) => module.MePage),
      },
      {
        path: 'forbidden',
        title: 'forbidden.title',
        loadComponent: () =>
          import('./pages/dead-ends/forbidden-page.ts').then((module) => module.ForbiddenPage),
      },
      {
        path: '**',
        title: 'not-found.title',
        loadComponent: () =>
          import('./pages/dead-ends/not-found-page.ts').then((module) => module.NotFoundPage),
      },
    ],
  },
];
