// SPDX-License-Identifier: Apache-2.0
/**
 * The one entry of `npm start`, `npm test` and `npm run wattledger`: makes a fresh clone ready, then runs what was asked
 * on the pinned Node. This file alone must run on whatever Node ≥ 20.19 the machine has, before anything is
 * installed; so it uses only node's own modules and no TypeScript.
 */
import { spawnSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const bin = join(root, 'node_modules', '.bin');
const nodePinned = join(bin, 'node');
const [command, ...rest] = process.argv.slice(2);

// The embedded warehouse keeps a thread of libuv's pool per running statement; file access and password hashing need the rest.
process.env.UV_THREADPOOL_SIZE ??= '8';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Wattledger needs Node 20.19 or newer to set itself up; this is ${process.versions.node}. Install a newer Node.`,
  );
  process.exit(1);
}

/** Runs to the end; leaves with the child's code when it fails. */
function runOrLeave(program, args, options = {}) {
  const result = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) {
    console.error(`Could not run ${program}: ${result.error.message}`);
    process.exit(1);
  }
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** Installs when the lock file changed since the last install (or nothing is installed). */
function install() {
  const stamp = join(root, 'node_modules', '.wattledger-installed');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(nodePinned)) return;
  console.log('Installing packages (once; a few minutes on a slow line) …');
  runOrLeave('npm', ['ci', '--no-audit', '--no-fund', '--loglevel', 'error'], {
    shell: process.platform === 'win32',
  });
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** Hash over every source the dashboard is built from. */
function dashboardSourceHash() {
  const hash = createHash('sha256');
  const visit = (path) => {
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      if (['node_modules', 'dist', '.angular', 'coverage'].includes(entry.name)) continue;
      const full = join(path, entry.name);
      if (entry.isDirectory()) visit(full);
      else hash.update(full.slice(root.length)).update(readFileSync(full));
    }
  };
  for (const part of ['dashboard', 'contracts']) visit(join(root, part));
  return hash.update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
}

function buildDashboard() {
  const stamp = join(root, 'dashboard', 'dist', '.built-from');
  const wanted = dashboardSourceHash();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.log('Building the dashboard …');
  runOrLeave(nodePinned, [join(root, 'node_modules', '@angular', 'cli', 'bin', 'ng.js'), 'build'], {
    cwd: join(root, 'dashboard'),
    env: { ...process.env, NG_CLI_ANALYTICS: 'false' },
  });
  if (!statSync(dirname(stamp)).isDirectory()) throw new Error('the dashboard build left no dist folder');
  writeFileSync(stamp, wanted);
}

/**
 * A young generation of 16 MB and a heap that may not grow to gigabytes: a third less memory, a tenth slower back-fill.
 * Whoever sets NODE_OPTIONS decides alone.
 */
const productEnvironment = () => ({
  NODE_OPTIONS: JSON.parse(readFileSync(join(root, 'app', 'node-options.json'), 'utf8')).join(' '),
  ...process.env,
});

/** Hands the terminal and signals over to the product. */
function become(args, env = process.env) {
  const child = spawn(nodePinned, args, { cwd: process.env.INIT_CWD ?? root, stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) =>
    process.exit(signal === null ? (code ?? 1) : 128 + constants.signals[signal]),
  );
}

const main = join(root, 'app', 'src', 'main.ts');
const jest = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
];

install();
switch (command) {
  case 'start':
    buildDashboard();
    become([main, 'start', ...rest], productEnvironment());
    break;
  case 'cli':
    if (rest[0] === 'start') buildDashboard();
    // Programs of their own, because the product does not import what measures and torments it.
    if (rest[0] === 'bench') become([join(root, 'bench', 'src', 'main.ts'), ...rest.slice(1)]);
    else if (rest[0] === 'simulate') become([join(root, 'simulation', 'src', 'main.ts'), ...rest.slice(1)]);
    else become([main, ...rest], productEnvironment());
    break;
  case 'test':
    buildDashboard();
    runOrLeave(nodePinned, [...jest, ...rest], {
      env: { ...process.env, FORCE_COLOR: process.env.FORCE_COLOR ?? '0' },
    });
    break;
  case 'exec':
    runOrLeave(join(bin, rest[0]), rest.slice(1), {
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
    });
    break;
  default:
    console.error('usage: run.mjs start | cli <command> | test [jest options] | exec <program> …');
    process.exit(2);
}
