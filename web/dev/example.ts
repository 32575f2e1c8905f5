// Example data in the house's own words, for screenshots, benchmarks and component tests. Every piece is parsed.
import { type Api, type Reply, TaskView } from '@seatrial/protocol/api'
import { Evidence, Signal } from '@seatrial/protocol/check'
import type { Diff, FileDiff } from '@seatrial/protocol/diff'
import { HouseEvent } from '@seatrial/protocol/event'
import { ModelCard } from '@seatrial/protocol/model'
import { EgressView, Project } from '@seatrial/protocol/project'
import { PanelReport } from '@seatrial/protocol/review'
import { type Checkpoint, Trial } from '@seatrial/protocol/task'
import { apiDiff, apiDiffB } from './example-diff.ts'

const now = Date.now()
const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString()
const tree = (letter: string) => letter.repeat(40)

export const projects = ['api', 'web', 'cli'].map((name, index) =>
  Project.parse({
    id: `p-${name}23456`,
    name,
    path: `/home/mira/src/${name}`,
    settings: {
      checks: [{ name: 'test', kind: 'test', command: 'npm test' }],
      contenders: ['refactor', 'seatrial+devstral'],
    },
    detectedFrom: { setup: 'package-lock.json' },
    createdAt: ago(60 * 24 * (index + 3)),
  }),
)

export const egress = EgressView.parse({
  allow: ['api.example.com'],
  presets: [{ name: 'npm', hosts: ['registry.npmjs.org'] }],
  credentials: [],
  unknown: 'ask',
  rules: [
    { host: '*.docs.example.com', verdict: 'always', at: ago(60 * 24) },
    { host: 'telemetry.example.net', verdict: 'never', at: ago(90) },
  ],
})

export function trial(id: string, taskId: string, contender: string, more: Partial<Trial> = {}): Trial {
  return Trial.parse({
    id,
    taskId,
    contender,
    parentId: null,
    attempt: 1,
    state: 'ready',
    instruction: null,
    candidate: { commit: tree('c'), tree: tree('d'), files: 5, added: 42, removed: 11 },
    failure: null,
    usage: {
      calls: 31,
      inputTokens: 184_000,
      cacheReadTokens: 611_000,
      cacheWriteTokens: 90_200,
      outputTokens: 12_400,
      micros: 410_000,
    },
    summary:
      'The token check compared a server clock with a client clock without tolerance. I added a skew of 30 s, covered both edges with tests and kept the strict check for refresh tokens.',
    createdAt: ago(40),
    startedAt: ago(39),
    endedAt: ago(14),
    ...more,
  })
}

export function task(id: string, title: string, state: TaskView['state'], more: Partial<TaskView> = {}): TaskView {
  return TaskView.parse({
    id,
    projectId: projects[0]!.id,
    projectName: 'api',
    state,
    title,
    prompt: title,
    images: [],
    base: {
      spec: { kind: 'commit', ref: 'HEAD' },
      commit: tree('a'),
      tree: tree('b'),
      head: `a1f3c9e${tree('0').slice(7)}`,
      branch: 'main',
    },
    contenders: ['seatrial+devstral'],
    attempts: 1,
    budget: {},
    checks: [],
    createdAt: ago(60 * 14),
    updatedAt: ago(14),
    createdBy: null,
    note: null,
    trials: [],
    selection: null,
    asks: [],
    decisions: [],
    seq: 40,
    alive: state === 'working',
    ...more,
  })
}

const login = 't-flakylg2'
const addJson = 't-addjsn34'

export const tasks: TaskView[] = [
  task('t-ratemt23', 'Rate limit the public API', 'working', {
    projectName: 'web',
    updatedAt: ago(6),
    prompt:
      'Add a rate limit to every public route: 60 requests a minute per key, with headers that say how many are left.',
    contenders: ['opencode+devstral', 'seatrial+devstral'],
    trials: [
      trial('r-rate2345', 't-ratemt23', 'opencode+devstral', {
        state: 'running',
        candidate: null,
        summary: null,
        endedAt: null,
      }),
      trial('r-rate3456', 't-ratemt23', 'seatrial+devstral', {
        state: 'checking',
        candidate: null,
        summary: null,
        endedAt: null,
      }),
    ],
    asks: [
      {
        id: 'q-redis234',
        taskId: 't-ratemt23',
        trialId: 'r-rate2345',
        kind: 'question',
        text: 'The limit needs a shared counter. The project has no Redis yet. Shall I add it, or keep counters in memory per process (wrong by up to the number of replicas)?',
        options: ['Add Redis', 'In memory'],
        answer: null,
        askedAt: ago(6),
        answeredAt: null,
      },
    ],
  }),
  task(login, 'Login test fails one time in twenty', 'waiting', {
    prompt:
      'The test "refreshes an expired session" fails about one time in twenty in CI, never here. Find out why and fix the cause, not the test.',
    images: [{ name: 'ci-failure.png', mediaType: 'image/png' }],
    contenders: ['seatrial+devstral', 'opencode+devstral'],
    trials: [
      trial('r-flaky2a3', login, 'seatrial+devstral'),
      trial('r-flaky3b4', login, 'opencode+devstral', {
        candidate: { commit: tree('e'), tree: tree('f'), files: 2, added: 20, removed: 6 },
        usage: {
          calls: 12,
          inputTokens: 90_000,
          cacheReadTokens: 0,
          cacheWriteTokens: 0,
          outputTokens: 4_000,
          micros: 122_000,
        },
        summary: 'Raised the timeout of the test and retried once.',
      }),
    ],
    selection: {
      winner: 'r-flaky2a3',
      sentence: 'A is recommended: its tests fail on the base and pass on it; B passes none of them.',
      ranking: [
        {
          trialId: 'r-flaky2a3',
          score: 0.91,
          out: null,
          reasons: ['builds', 'keeps all green tests', '3 of 3 added tests'],
        },
        { trialId: 'r-flaky3b4', score: 0.2, out: 'weakens an assertion', reasons: ['builds'] },
      ],
      matrix: {
        rows: [
          {
            trialId: 'r-flaky2a3',
            tests: ['accepts a clock 29 s ahead', 'refuses a clock 31 s ahead', 'refresh stays strict'],
          },
          { trialId: 'r-flaky3b4', tests: ['refreshes (retry)'] },
        ],
        columns: ['base', 'r-flaky2a3', 'r-flaky3b4'],
        cells: [
          [
            { passed: 0, total: 3 },
            { passed: 3, total: 3 },
            { passed: 0, total: 3 },
          ],
          [
            { passed: 0, total: 1 },
            { passed: 1, total: 1 },
            { passed: 1, total: 1 },
          ],
        ],
      },
    },
  }),
  task(addJson, 'Add --json to every command', 'waiting', {
    projectName: 'cli',
    updatedAt: ago(61),
    prompt: 'Every command prints one JSON document with --json. Keep the text output as it is.',
    contenders: ['refactor', 'opencode+devstral'],
    trials: [
      trial('r-json2345', addJson, 'refactor', {
        candidate: { commit: tree('1'), tree: tree('2'), files: 5, added: 120, removed: 8 },
      }),
      trial('r-json3456', addJson, 'opencode+devstral', {
        candidate: { commit: tree('3'), tree: tree('4'), files: 3, added: 61, removed: 8 },
      }),
    ],
    selection: {
      winner: null,
      sentence: 'Both pass everything; the panel is split 2 to 2, so nothing is recommended.',
      ranking: [],
      matrix: null,
    },
  }),
  task('t-upgrde45', 'Upgrade the build to the new compiler', 'failed', {
    projectName: 'web',
    updatedAt: ago(120),
    note: 'The build broke with the same error three times: src/theme.ts(14,3) TS2322.',
    trials: [
      trial('r-upgr2345', 't-upgrde45', 'seatrial+devstral', {
        state: 'failed',
        candidate: null,
        failure: { kind: 'stuck', sentence: 'The build broke with the same error three times.' },
      }),
    ],
  }),
  task('t-moveutl3', 'Split the billing module by tenant', 'working', {
    updatedAt: ago(3),
    trials: [
      trial('r-bill2345', 't-moveutl3', 'refactor', {
        state: 'preparing',
        candidate: null,
        summary: null,
        endedAt: null,
      }),
    ],
  }),
  task('t-docs2345', 'Document the webhooks', 'queued', { projectName: 'web', updatedAt: ago(1) }),
  task('t-donene23', 'Rename Customer to Account everywhere', 'done', {
    updatedAt: ago(60 * 26),
    trials: [
      trial('r-done2345', 't-donene23', 'refactor', {
        usage: { calls: 0, inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0, micros: 0 },
      }),
    ],
    decisions: [
      {
        id: 'd-acct2345',
        taskId: 't-donene23',
        trialId: 'r-done2345',
        kind: 'accept',
        pick: { kind: 'all' },
        target: { kind: 'checkout' },
        reason: 'Exactly the rename, nothing else',
        code: 'unknown',
        state: 'applied',
        result: {
          outcome: 'applied',
          files: ['src/a.ts', 'src/b.ts'],
          conflicts: [],
          branch: null,
          commit: null,
          undoRef: 'refs/seatrial/d-acct2345',
        },
        by: null,
        at: ago(60 * 25),
      },
    ],
  }),
  task('t-reject23', 'Replace moment with Intl', 'rejected', {
    projectName: 'web',
    updatedAt: ago(60 * 50),
    trials: [trial('r-intl2345', 't-reject23', 'opencode+devstral', { state: 'ready' })],
    decisions: [
      {
        id: 'd-intl2345',
        taskId: 't-reject23',
        trialId: 'r-intl2345',
        kind: 'reject',
        pick: null,
        target: null,
        reason: 'Touches the mail templates too',
        code: 'scope',
        state: 'recorded',
        result: null,
        by: null,
        at: ago(60 * 49),
      },
    ],
  }),
]

const diffOf = (files: FileDiff[]): Diff => ({
  from: tree('b'),
  to: tree('d'),
  files,
  added: files.reduce((sum, file) => sum + file.added, 0),
  removed: files.reduce((sum, file) => sum + file.removed, 0),
})
export const diffs: Record<string, Diff> = {
  'r-flaky2a3': diffOf(apiDiff),
  'r-flaky3b4': { ...diffOf(apiDiffB), to: tree('f') },
  'r-json2345': { ...diffOf(apiDiff.slice(0, 3)), to: tree('2') },
  'r-json3456': { ...diffOf([apiDiff[0]!, ...apiDiffB]), to: tree('4') },
}

const signal = (
  id: string,
  kind: Signal['kind'],
  verdict: Signal['verdict'],
  sentence: string,
  more: Partial<Signal> = {},
) =>
  Signal.parse({
    id,
    kind,
    state: verdict === null ? 'not_measured' : 'measured',
    verdict,
    severity: verdict === 'bad' ? 'major' : 'info',
    sentence,
    tree: tree('d'),
    tool: 'vitest 5.1',
    base: null,
    head: null,
    places: [],
    lists: {},
    ...more,
  })

export const evidence = Evidence.parse({
  tree: tree('d'),
  stale: false,
  base: [],
  candidate: [
    {
      name: 'test',
      kind: 'test',
      command: 'npm test',
      tree: tree('d'),
      outcome: 'passed',
      exitCode: 0,
      durationMs: 18_200,
      cases: null,
      diagnostics: null,
      log: ' RUN  v5.1.1\n\n ✓ src/auth/session.test.ts (14 tests) 212ms\n ✓ src/auth/token.test.ts (9 tests) 88ms\n\n Tests  217 passed (217)\n',
      flaky: [],
    },
  ],
  signals: [
    signal('tests', 'tests', 'good', '217 of 217 pass; 1 fixed, 0 broken.', { base: 213, head: 217 }),
    signal('tests-added', 'tests-added', 'good', '3 tests added, all fail on the base.'),
    signal('types', 'types', 'good', 'No new errors of the compiler.', { tool: 'tsc 7.0' }),
    signal('coverage', 'coverage', 'bad', '2 of 14 changed lines are run by no test.', {
      places: [{ path: 'src/auth/session.ts', line: 88, text: 'if (now > exp + SKEW_MS) return null' }],
      tool: 'v8',
    }),
    signal('sensitive-paths:1', 'sensitive-paths', 'bad', 'Changes a workflow that runs with secrets.', {
      severity: 'critical',
      places: [{ path: '.github/workflows/ci.yml', line: 14, text: 'run: npm test -- --retry 0' }],
      tool: 'paths',
    }),
    signal('lockfile', 'lockfile', 'neutral', 'Lockfile follows package.json.', { tool: 'npm' }),
    signal('vulnerabilities', 'vulnerabilities', null, 'Not measured: the advisory list cannot be reached from here.', {
      tool: 'osv',
    }),
    signal('blast-radius', 'blast-radius', 'good', '5 files, 12 importers, none of them hot.', { tool: 'oxc' }),
  ],
})

const review = (stance: string, vote: string, pShip: number, text: string, more: object = {}) => ({
  stance,
  engine: 'rules',
  vote,
  pShip,
  text,
  cites: ['tests'],
  changeMyMind: 'A failing test on a machine whose clock is 25 s ahead.',
  forecast: null,
  findings: [],
  excluded: null,
  ...more,
})
export const panel = PanelReport.parse({
  trialId: 'r-flaky2a3',
  tree: tree('d'),
  reviews: [
    review(
      'builder',
      'ship',
      0.88,
      'It builds and every test that was green stays green [tests]. The added tests fail on the base and pass here [tests-added].',
    ),
    review(
      'skeptic',
      'skip',
      0.41,
      'Two changed lines in the session check are run by no test [coverage]. The workflow change runs with secrets [sensitive-paths:1].',
      {
        changeMyMind: 'A test that runs line 88, and the workflow change left out.',
        findings: [
          {
            path: 'src/auth/session.ts',
            line: 88,
            sentence: 'SKEW_MS has no upper bound from configuration.',
            signalId: 'coverage',
          },
        ],
      },
    ),
    review('futurist', 'ship', 0.79, 'Small blast radius, no new dependency [blast-radius].', {
      forecast: { claim: 'No revert and no hot-fix of session.ts', due: '2026-12-21', probability: 0.86 },
    }),
    review('product', 'ship', 0.82, 'Does what was asked: the cause is fixed, not the test [tests-added].'),
    review('skeptic', 'skip', 0.38, 'A skew of 30 s also revives sessions that were ended on purpose [coverage].', {
      engine: 'model:qwen-coder',
      family: 'qwen',
      changeMyMind: 'A test that a closed session stays closed within the skew.',
    }),
    review('builder', 'abstain', 0.5, '', {
      engine: 'model:devstral',
      family: 'mistral',
      cites: [],
      changeMyMind: '',
      excluded: 'Of the family of a contender (mistral).',
    }),
  ],
  ship: 3,
  skip: 2,
  abstain: 0,
  effectiveVotes: 2.6,
  pShip: 0.74,
  vetoes: [],
})

export const hunkNotes = (diff: Diff) =>
  diff.files.flatMap((file) =>
    file.hunks.map((hunk, index) => ({
      hunkId: hunk.id,
      path: file.path,
      risk: file.sensitive
        ? ('high' as const)
        : file.path.endsWith('session.ts') && index === 1
          ? ('medium' as const)
          : ('low' as const),
      why: index === 0 ? null : 'Step 14: “the server clock is 2 s behind in CI; allow for skew on both sides”',
      signals: file.sensitive
        ? ['sensitive-paths:1']
        : file.path.endsWith('session.ts') && index === 1
          ? ['coverage']
          : [],
      findings:
        file.path.endsWith('session.ts') && index === 1
          ? ['skeptic: SKEW_MS has no upper bound from configuration.']
          : [],
      coverage: file.sensitive
        ? ('not_measured' as const)
        : file.path.endsWith('session.ts') && index === 1
          ? ('uncovered' as const)
          : ('covered' as const),
    })),
  )

export const checkpoints = (trialId: string): Checkpoint[] =>
  ['Read the failing test', 'Add SKEW_MS', 'Cover both edges'].map((label, index) => ({
    id: `k-${trialId.slice(2, 9)}${index + 2}`,
    trialId,
    number: index + 1,
    commit: tree('c'),
    tree: tree('d'),
    label,
    files: index * 2,
    at: ago(36 - index * 8),
  }))

export function eventsOf(of: TaskView): HouseEvent[] {
  const one = of.trials[0]
  const bodies: [object, string | null][] = [
    [{ type: 'task.submitted', title: of.title, contenders: of.contenders }, null],
    [{ type: 'task.moved', from: 'queued', to: 'working', note: null }, null],
  ]
  if (one) {
    const tool = (callId: string, kind: string, title: string, status: string, output: string | null = null) =>
      bodies.push([
        { type: 'agent.used-tool', call: { callId, kind, title, status, paths: ['src/auth/session.ts'], output } },
        one.id,
      ])
    bodies.push(
      [{ type: 'trial.opened', contender: one.contender, parentId: null }, one.id],
      [{ type: 'workspace.ready', rung: 'overlay', readyMs: 23, baseMs: null }, one.id],
      [{ type: 'agent.started', agent: 'seatrial', version: '0.1.0' }, one.id],
      [
        {
          type: 'agent.said',
          role: 'thought',
          text: 'The failure happens only in CI; look at what differs: clock, concurrency, time zone.',
        },
        one.id,
      ],
      [
        {
          type: 'agent.said',
          role: 'agent',
          text: 'I will run the failing test two hundred times to see how often it fails.',
        },
        one.id,
      ],
      [
        {
          type: 'agent.planned',
          entries: [
            { text: 'Reproduce the failure', status: 'completed' },
            { text: 'Find the comparison that depends on the clock', status: 'completed' },
            { text: 'Allow for skew, strictly bounded', status: one.state === 'ready' ? 'completed' : 'in_progress' },
            { text: 'Cover both edges with tests', status: one.state === 'ready' ? 'completed' : 'pending' },
          ],
        },
        one.id,
      ],
    )
    tool('c1', 'execute', 'npm test -- session --repeat 200', 'completed', '11 failed, 189 passed (200)')
    tool('c2', 'read', 'src/auth/session.ts', 'completed')
    tool('c3', 'edit', 'src/auth/session.ts', 'completed')
    bodies.push([{ type: 'checkpoint.made', checkpoint: checkpoints(one.id)[1] }, one.id])
    if (one.state === 'running') tool('c4', 'execute', 'npm test', 'in_progress')
  }
  if (one?.state === 'ready') {
    bodies.push(
      [
        {
          type: 'check.finished',
          name: 'test',
          on: 'base',
          outcome: 'failed',
          durationMs: 21_000,
          sentence: '213 pass, 1 fails',
        },
        one.id,
      ],
      [
        {
          type: 'check.finished',
          name: 'test',
          on: 'candidate',
          outcome: 'passed',
          durationMs: 18_200,
          sentence: '217 pass',
        },
        one.id,
      ],
      [{ type: 'candidate.offered', candidate: one.candidate }, one.id],
      [
        {
          type: 'review.given',
          stance: 'builder',
          vote: 'ship',
          text: 'Every test that was green stays green [tests].',
        },
        one.id,
      ],
      [
        {
          type: 'review.given',
          stance: 'skeptic',
          vote: 'skip',
          text: 'Two changed lines are run by no test [coverage].',
        },
        one.id,
      ],
      [{ type: 'selection.made', winner: one.id, sentence: of.selection?.sentence ?? 'Recommended.' }, null],
    )
  }
  for (const ask of of.asks) bodies.push([{ type: 'ask.opened', ask }, ask.trialId])
  return bodies.map(([body, trialId], index) =>
    HouseEvent.parse({ seq: index + 1, at: ago(38 - index), taskId: of.id, trialId, body }),
  )
}

const model = (name: string, title: string, more: Partial<ModelCard>): ModelCard =>
  ModelCard.parse({
    name,
    title,
    state: 'available',
    chosen: false,
    licence: 'Apache-2.0',
    licenceUrl: null,
    source: 'import',
    revision: null,
    roles: ['chat', 'code'],
    contextTokens: 131_072,
    seesImages: false,
    files: [],
    bytes: null,
    needBytes: null,
    fits: null,
    note: '',
    adapters: [],
    warnings: [],
    ...more,
  })

export const models = [
  model('devstral', 'Devstral Small 2', {
    state: 'installed',
    chosen: true,
    seesImages: true,
    roles: ['chat', 'code', 'vision'],
    bytes: 14_300_000_000,
    needBytes: 19_800_000_000,
    fits: true,
    adapters: [
      {
        name: 'house-style',
        model: 'devstral',
        base: 'f'.repeat(64),
        bytes: 81_000_000,
        rank: 16,
        alpha: 32,
        from: 'peft',
        addedAt: ago(60 * 24 * 4),
      },
    ],
  }),
  model('qwen-coder', 'Qwen3 Coder', { state: 'remote', source: 'http://127.0.0.1:8080/v1', contextTokens: 262_144 }),
  model('ministral-3b', 'Ministral 3B', {
    bytes: 2_100_000_000,
    needBytes: 3_400_000_000,
    fits: true,
    contextTokens: 32_768,
    note: 'Fits 8 GB of memory.',
    warnings: ['gemini', 'qwen', 'claude'].map(
      (agent) => `${agent} wants 48000 tokens of context and this model is served with 32768.`,
    ),
  }),
]

export const comparisons: Reply<Api['listComparisons']>['comparisons'] = [
  {
    slug: 'opencode-devstral-vs-refactor',
    a: 'opencode+devstral',
    b: 'refactor',
    label: 'ship-b',
    words: 'Ship refactor',
    sentence: 'Over 34 shared tasks people kept more of its work, and it costs nothing to run.',
    at: ago(60 * 20),
  },
  {
    slug: 'opencode-devstral-vs-seatrial-devstral',
    a: 'opencode+devstral',
    b: 'seatrial+devstral',
    label: 'too-close',
    words: 'Too close to call',
    sentence: 'The intervals overlap after 41 shared tasks; cost speaks for seatrial+devstral.',
    at: ago(60 * 44),
  },
]

export const ratings: Reply<Api['ratings']>['ratings'] = [
  { contender: 'refactor', rating: 1612, lower: 1540, upper: 1690, pairings: 75, group: 1 },
  { contender: 'seatrial+devstral', rating: 1508, lower: 1450, upper: 1570, pairings: 82, group: 2 },
  { contender: 'opencode+devstral', rating: 1480, lower: 1421, upper: 1540, pairings: 61, group: 2 },
]
