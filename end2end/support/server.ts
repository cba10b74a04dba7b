// One Patchbay of our own: a process with a data folder, a port and an end.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The clone's root: the server reads Leptos.toml there. */
export const ROOT = resolve(__dirname, '../..');

/** Where a live server leaves the token of the first owner, in its data folder. */
const TOKEN_FILE = 'setup-token';
const START_MS = 20_000;
const STOP_MS = 25_000;

/** The program under test; says how to get it where it is not built. */
export function program(): string {
  const path = process.env.PATCHBAY_BIN ?? join(ROOT, 'target/debug/patchbay');
  if (!existsSync(path)) {
    throw new Error(`There is no ${path}. Build it: cargo xtask test --only site`);
  }
  return path;
}

/** What a server starts from. */
export interface Start {
  /** A data folder to begin with; it is copied. Without it the server begins with nothing. */
  from?: string;
  /** Whether it verifies itself when it starts. */
  verify?: boolean;
  /** Whether it is in live mode, where nobody can sign in before the first owner is made. */
  live?: boolean;
}

/** A server, running or between two runs. */
export class Server {
  private child: ChildProcess | undefined;
  private readonly lines: string[] = [];

  private constructor(
    /** Its data folder. */
    readonly data: string,
    private readonly port: number,
    private readonly verify: boolean,
    private readonly live: boolean,
  ) {}

  /** Starts one and waits until it answers. */
  static async start(start: Start = {}): Promise<Server> {
    const data = mkdtempSync(join(tmpdir(), 'patchbay-e2e-'));
    if (start.from) {
      cpSync(start.from, data, { recursive: true });
    }
    const server = new Server(data, await freePort(), start.verify ?? false, start.live ?? false);
    if (start.live) {
      server.makeKey();
    }
    await server.run();
    return server;
  }

  /** Its address, without a slash at the end. */
  get url(): string {
    return `http://localhost:${this.port}`;
  }

  /** The one-time token of the first owner, as the server left it in its file. */
  setupToken(): string {
    return readFileSync(join(this.data, TOKEN_FILE), 'utf8').trim();
  }

  /** Live mode makes no key by itself. */
  private makeKey(): void {
    const env = { ...withoutSettings(process.env), PATCHBAY_DATA_DIR: this.data };
    const made = spawnSync(program(), ['keys', 'init'], { cwd: ROOT, env, encoding: 'utf8' });
    if (made.status !== 0) {
      throw new Error(`No key was made.\n${made.stderr}`);
    }
  }

  /** Everything that it has logged. */
  log(): string {
    return this.lines.join('');
  }

  /** Starts it, on its port and its data. */
  async run(): Promise<void> {
    const child = spawn(program(), ['serve'], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...withoutSettings(process.env),
        PATCHBAY_MODE: this.live ? 'live' : 'demo',
        PATCHBAY_SETUP_TOKEN_FILE: join(this.data, TOKEN_FILE),
        PATCHBAY_DATA_DIR: this.data,
        PATCHBAY_LISTEN: `127.0.0.1:${this.port}`,
        PATCHBAY_PUBLIC_URL: this.url,
        PATCHBAY_SITE_ROOT: process.env.PATCHBAY_SITE_ROOT ?? join(ROOT, 'target/site'),
        PATCHBAY_VERIFY_AT_START: String(this.verify),
        RUST_LOG: 'info',
        NO_COLOR: '1',
      },
    });
    this.child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.lines.push(text));
    const until = Date.now() + START_MS;
    while (Date.now() < until && child.exitCode === null) {
      const answer = await fetch(`${this.url}/healthz`).catch(() => undefined);
      if (answer?.ok) {
        return;
      }
      await new Promise((next) => setTimeout(next, 25));
    }
    child.kill('SIGKILL');
    throw new Error(`The server did not answer on ${this.url}.\n${this.log()}`);
  }

  /** Ends it as an operator does and waits until it is gone. */
  async stop(): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await gone;
    clearTimeout(late);
    if (child.signalCode === 'SIGKILL') {
      throw new Error(`The server did not end within ${STOP_MS} ms of SIGTERM.\n${this.log()}`);
    }
  }

  /** Ends it and removes its data. */
  async remove(): Promise<void> {
    try {
      await this.stop();
    } finally {
      rmSync(this.data, { recursive: true, force: true });
    }
  }
}

/** The environment without settings of whoever runs the tests. */
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^(PATCHBAY|LEPTOS)_/.test(name)),
  );
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') {
    throw new Error('No free port.');
  }
  return address.port;
}
