import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigModule, type Environment, type Settings, WrongEnvironment, readSettings } from '#config';
import { WrongAppsFile, readApps } from '#access';
import { lookAtDatabase } from '#audit';
import { AppPermissions, ContactModule } from '#contact';
import { AppTokens } from '#dingtalk';
import { StateHealth, StateModule } from '#state';
import { Logger, Metrics, TelemetryModule, Traces } from '#telemetry';
import { checkCredentials, checkPermissions } from './app-checks.js';
import { AT_DINGTALK } from './console.js';
import type { Finding } from './finding.js';
import { checkHosts } from './hosts.js';

@Module({ imports: [ContactModule] })
class DoctorModule {}

/** What of a gateway talks to DingTalk and Redis; nothing listens. */
async function gatewayOf(settings: Settings) {
  const telemetry = { logger: new Logger('silent'), metrics: new Metrics(), traces: new Traces() };
  const module = {
    module: DoctorModule,
    imports: [
      ConfigModule.with(settings),
      TelemetryModule.with(telemetry),
      StateModule.with(settings, telemetry.logger),
    ],
  };
  return NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
}

function checkSettings(environment: Environment): Settings | Finding[] {
  try {
    return readSettings(environment);
  } catch (error) {
    if (!(error instanceof WrongEnvironment)) throw error;
    const todo = '.env.example says what each variable means.';
    return error.faults.map((found) => ({ name: 'settings', verdict: 'wrong', found, todo }));
  }
}

function checkApps(file: string | undefined): Finding {
  const name = 'internal apps';
  const todo = 'npm run app:create -- <id> --scope <scope> prints an entry for the file that INTERNAL_APPS_FILE names.';
  if (!file) return { name, verdict: 'note', found: 'no file of apps: only people can call', todo };
  try {
    return { name, verdict: 'ok', found: `${readApps(file).length} may call` };
  } catch (error) {
    if (!(error instanceof WrongAppsFile)) throw error;
    return { name, verdict: 'wrong', found: `the file is not right: ${error.faults.join('; ')}`, todo };
  }
}

function checkRedis(state: StateHealth): Finding {
  const name = 'Redis';
  const health = state.tell();
  if (!health) return { name, verdict: 'note', found: 'none: this process keeps everything itself (REDIS_URL)' };
  if (health.isThere) return { name, verdict: 'ok', found: 'answers, and can be written to' };
  const todo = 'REDIS_URL: look at address, password and TLS, and whether it is read-only or full.';
  return { name, verdict: 'wrong', found: `does not answer: ${health.reason}`, todo };
}

/** Where changes are recorded: without it none is made. */
async function checkDatabase({ audit, state }: Settings): Promise<Finding> {
  const [name, where] = ['database', audit.database ? 'PostgreSQL' : 'a file of SQLite in DATA_DIR'];
  const reason = await lookAtDatabase(audit);
  if (reason !== undefined) {
    const todo = audit.database
      ? 'DATABASE_URL: look at address, user, password and TLS, and whether the user may create tables.'
      : 'DATA_DIR: the user that runs the gateway must be able to write there.';
    return { name, verdict: 'wrong', found: `${where} cannot be used: ${reason}`, todo };
  }
  const isAlone = !audit.database && state.redis !== undefined;
  const shared = isAlone ? '; replicas on other machines have trails of their own (DATABASE_URL)' : '';
  const unsigned = audit.keys.length > 0 ? '' : '; the trail is not signed (AUDIT_KEY)';
  return { name, verdict: 'ok', found: `${where} can be written to${unsigned}${shared}` };
}

function signInNote({ listen }: Settings): Finding {
  const found = `people come back to ${listen.publicUrl}/session/callback`;
  return { name: 'sign-in', verdict: 'note', found, todo: `This address must stand at ${AT_DINGTALK.redirect}` };
}

/** Looks at everything that the gateway needs, one after the other; what cannot be without something wrong is left out. */
export async function* examine(environment: Environment): AsyncGenerator<Finding> {
  const settings = checkSettings(environment);
  if (Array.isArray(settings)) return yield* settings;
  yield { name: 'settings', verdict: 'ok', found: 'every variable can be read' };
  yield checkApps(settings.access.appsFile);
  const { hosts, clock } = await checkHosts(settings.dingtalk);
  yield* [...hosts, clock];
  const gateway = await gatewayOf(settings);
  try {
    yield checkRedis(gateway.get(StateHealth));
    yield await checkDatabase(settings);
    yield signInNote(settings);
    if (settings.dingtalk.thirdParty || hosts.some(({ verdict }) => verdict === 'wrong')) return;
    const credentials = await checkCredentials(gateway.get(AppTokens));
    yield credentials;
    if (credentials.verdict === 'ok') yield* checkPermissions(gateway.get(AppPermissions));
  } finally {
    await gateway.close();
  }
}
