// What the Rollout and the Report must say. Read from `patchbay verify --json` once per run, not written down here:
// the rollout goes on.

import { execFileSync } from 'node:child_process';

import { ROOT, program } from './server';

/** One integration, as the command prints it. */
interface Row {
  id: string;
  status: 'implemented' | 'not_applicable' | 'pending';
  gates: Record<string, string>;
}

/** Figures of the count "Built". */
export interface Figures {
  complete: number;
  total: number;
  percent: number;
  gates: number;
  gatesTotal: number;
}

/** The figures before any verification and after the first. */
export interface Expected {
  before: Figures;
  after: Figures;
}

/** How long a verification of all 39 may take beside other tests, in milliseconds. */
export const VERIFIES_MS = 180_000;

const KEY = 'PATCHBAY_E2E_FIGURES';

/** Verifies in a throw-away database and keeps what came of it for the workers. */
export function readFigures(): void {
  const printed = execFileSync(program(), ['verify', '--json'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const rows: Row[] = JSON.parse(printed).integrations;
  const gated = rows.filter((row) => row.status !== 'not_applicable');
  const passed = gated.flatMap((row) => Object.values(row.gates)).filter((gate) => gate === 'passed');
  const figures = (complete: number, gates: number): Figures => ({
    complete,
    total: rows.length,
    percent: Math.round((complete * 100) / rows.length),
    gates,
    gatesTotal: gated.length * 4,
  });
  const expected: Expected = {
    before: figures(rows.length - gated.length, 0),
    after: figures(rows.filter((row) => row.status !== 'pending').length, passed.length),
  };
  process.env[KEY] = JSON.stringify(expected);
}

/** What this build's verification comes to. */
export function expected(): Expected {
  return JSON.parse(process.env[KEY] ?? 'null');
}

/** The line under the figure: "13 % · 8 of 144 gates". */
export function line(figures: Figures): string {
  return `${figures.percent} % · ${figures.gates} of ${figures.gatesTotal} gates`;
}
