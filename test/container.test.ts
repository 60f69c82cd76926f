import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Dockerfile, DockerfileParser } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { SETTINGS } from '../packages/engine/src/config/settings.ts';
import { type EngineProcess, freePort, startEngineProcess } from './support/engine-process.ts';
import { execute } from './support/order-client.ts';
import { exists, read, repositoryFiles } from './support/repository-files.ts';

// There is no container engine where tests run: this is what can be known of the files without one.

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly profiles?: readonly string[];
  readonly depends_on?: Readonly<Record<string, object>>;
  readonly volumes?: readonly string[];
  readonly healthcheck?: object;
}

const OURS = 'order-execution-engine';
const dockerfile: Dockerfile = DockerfileParser.parse(read('Dockerfile'));
const compose = parse(read('compose.yaml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const services = Object.entries(compose.services);
const ours = services.filter(([, { image }]) => image === OURS);
const settings = [...Object.keys(SETTINGS), 'NODE_ENV', 'NODE_OPTIONS'];

/** The source of a compiled script. */
const sourceOf = (script: string): string => script.replace('/dist/', '/src/').replace(/\.js$/, '.ts');

describe('the image', () => {
  test('passes the Dockerfile validator', () => {
    expect(validate(read('Dockerfile')).map(({ message }) => message)).toEqual([]);
  });

  test('copies only existing files of the build context', () => {
    const context = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => new RegExp(`^${line.slice(1).replaceAll('.', '\\.').replaceAll('*', '[^/]*')}(/|$)`));
    const copied = dockerfile.getCOPYs().filter((copy) => copy.getFlags().length === 0);
    const sources = copied.flatMap((copy) =>
      copy
        .getArguments()
        .slice(0, -1)
        .map((one) => one.getValue()),
    );
    expect(sources.length).toBeGreaterThan(8);
    for (const source of sources) {
      expect(exists(source), source).toBe(true);
      const reached = repositoryFiles.some(
        (file) => file.startsWith(source) && context.some((pattern) => pattern.test(file)),
      );
      expect(reached || context.some((pattern) => pattern.test(source)), source).toBe(true);
    }
  });

  // Podman's builder, for one, does not enter a folder to which only a wildcard leads, and builds an image without it.
  test('has the sources of every package in its build context, each named', () => {
    const lines = read('.dockerignore').split('\n');
    expect(lines.filter((line) => line.startsWith('!') && line.includes('*'))).toEqual([]);
    for (const manifest of repositoryFiles.filter((file) => /^packages\/[^/]+\/package\.json$/.test(file)))
      expect(lines).toContain(`!${manifest.replace('package.json', 'src')}`);
  });

  test('has the manifest and the output of every package, and the files that the packages read at run time', () => {
    const text = read('Dockerfile');
    for (const manifest of repositoryFiles.filter((file) => /^packages\/[^/]+\/package\.json$/.test(file))) {
      const folder = manifest.replace('/package.json', '');
      expect(text).toContain(`COPY ${manifest} ${folder}/`);
      expect(text).toContain(`COPY --from=build /app/${folder}/dist ${folder}/dist`);
    }
    for (const folder of [
      'packages/engine/migrations',
      'packages/engine/assets',
      'packages/devnet/programs/bin',
    ])
      expect(text).toContain(`COPY ${folder} ${folder}`);
  });

  test('runs an existing script, not as root, with a health check, and sets only what the engine reads', () => {
    const last = dockerfile.getInstructions().map((one) => [one.getKeyword(), one.getArgumentsContent()]);
    expect(last).toContainEqual(['USER', 'node']);
    expect(dockerfile.getHEALTHCHECKs()).toHaveLength(1);
    const script = JSON.parse(dockerfile.getCMDs().at(-1)!.getArgumentsContent()!)[1];
    expect(exists(sourceOf(script)), script).toBe(true);
    for (const variable of dockerfile
      .getENVs()
      .flatMap((env) => env.getProperties().map((one) => one.getName())))
      expect(settings).toContain(variable);
  });
});

describe('compose.yaml', () => {
  test('gives our processes only existing settings and scripts', () => {
    expect(ours.map(([name]) => name).sort()).toEqual(['api', 'devnet', 'engine', 'migrate', 'worker']);
    for (const [name, { environment = {}, command }] of ours) {
      for (const variable of Object.keys(environment)) expect(settings, name).toContain(variable);
      if (command) expect(exists(sourceOf(command[1]!)), command[1]).toBe(true);
    }
  });

  test('starts one process without a profile, and everything else with `scaled`', () => {
    const scaled = services.filter(([, { profiles }]) => profiles?.includes('scaled')).map(([name]) => name);
    expect(scaled.sort()).toEqual(['api', 'devnet', 'migrate', 'postgres', 'redis', 'worker']);
    expect(services).toHaveLength(scaled.length + 1);
  });

  test('waits only for services, and mounts only volumes, that it defines', () => {
    for (const [name, { depends_on = {}, volumes = [] }] of services) {
      for (const dependency of Object.keys(depends_on))
        expect(compose.services, name).toHaveProperty(dependency);
      for (const volume of volumes) expect(compose.volumes, name).toHaveProperty(volume.split(':')[0]!);
    }
  });

  test('needs no variable, and publishes ports to this machine alone', () => {
    // Compose fills in every service before it looks at profiles: one variable that must be set would stop them all.
    expect(read('compose.yaml')).not.toMatch(/\$\{\w+:?\?/);
    for (const [name, { ports = [] }] of services)
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:/);
  });

  test("starts an engine without any variable, which serves the other engines' interfaces, and requires a key if one is set", async () => {
    const without = await startAsComposed({});
    try {
      for (const [body, status] of [
        [{ fromToken: 'SOL', toToken: 'USDC', amount: 1 }, 200],
        [{ tokenIn: 'SOL', tokenOut: 'USDC', amount: 1 }, 200],
        [{ type: 'MARKET', side: 'buy', inputToken: 'SOL', outputToken: 'USDC', amount: 1 }, 200],
        [{ token_in: 'SOL', token_out: 'USDC', amount: 1, order_type: 'market', max_slippage: 0.05 }, 200],
        [{ tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '1', slippageTolerance: 0.5 }, 201],
      ] as const)
        expect((await execute(without, body)).status).toBe(status);
    } finally {
      await without.stop();
    }
    const withKey = await startAsComposed({ API_KEY: 'k'.repeat(32) });
    try {
      expect((await execute(withKey, { fromToken: 'SOL', toToken: 'USDC', amount: 1 })).status).toBe(401);
    } finally {
      await withKey.stop();
    }
  }, 180_000);

  test('makes Redis evict no key and keep acknowledged writes', () => {
    const command = compose.services.redis!.command!.join(' ');
    expect(command).toContain('--maxmemory-policy noeviction');
    expect(command).toContain('--appendonly yes');
  });
});

/** The built engine with the environment that the image and compose.yaml give it, but for its port and directory. */
async function startAsComposed(variables: Readonly<Record<string, string>>): Promise<EngineProcess> {
  const image = dockerfile.getENVs().flatMap((env) => env.getProperties());
  const environment = {
    ...Object.fromEntries(image.map((one) => [one.getName(), one.getValue() ?? ''])),
    ...compose.services.engine!.environment,
  };
  const filled = Object.entries(environment).map(([name, value]) => [
    name,
    value.replace(/\$\{(\w+):-([^}]*)\}/g, (_, variable: string, otherwise: string) =>
      (variables[variable] ?? '') === '' ? otherwise : variables[variable]!,
    ),
  ]);
  const dataDir = mkdtempSync(join(tmpdir(), 'oee-composed-'));
  const [port, devnetPort] = [await freePort(), await freePort()];
  const env = { ...Object.fromEntries(filled), PORT: String(port), DATA_DIR: dataDir, DEVNET_SLOT_MS: '50' };
  const started = await startEngineProcess({ dataDir, port, devnetPort, env });
  return {
    ...started,
    async stop() {
      const code = await started.stop();
      rmSync(dataDir, { recursive: true, force: true });
      return code;
    },
  };
}
