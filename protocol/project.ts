// A project: a git repository the house knows, with its settings (`.seatrial/config.toml`).
import { z } from 'zod'

export const CheckKind = z.enum(['test', 'types', 'lint', 'build', 'other'])
export type CheckKind = z.infer<typeof CheckKind>

/** A command run on base and candidate. `cwd` is relative to the repository's root. */
export const CheckSpec = z.object({
  name: z.string(),
  kind: CheckKind,
  command: z.string(),
  cwd: z.string().default('.'),
  timeoutSeconds: z.number().positive().default(900),
  /** Where a machine-readable report is left, relative to `cwd`, if anywhere. */
  report: z
    .object({
      format: z.enum(['junit', 'tap', 'ctrf', 'vitest', 'jest', 'node', 'go']),
      path: z.string().nullable().default(null),
    })
    .nullable()
    .default(null),
})
export type CheckSpec = z.infer<typeof CheckSpec>

export const SandboxLevel = z.enum(['strict', 'standard', 'off'])
export type SandboxLevel = z.infer<typeof SandboxLevel>

/** A model that reviews in a stance: `skeptic+devstral`, or with an adapter `skeptic+devstral@mine`. */
export const ReviewerName = z
  .string()
  .regex(/^(?:builder|skeptic|futurist|product)\+\S{1,100}$/, 'must be STANCE+MODEL, e.g. `skeptic+devstral`')

/** The settings of a project; every field has a default, so an empty file is valid. */
export const ProjectSettings = z.strictObject({
  /** Commands that make a fresh checkout ready (install dependencies); run once per base layer. */
  setup: z.array(z.string()).default([]),
  /** Files whose contents key the base layer besides the commit (lockfiles). */
  lockfiles: z.array(z.string()).default([]),
  /** Ignored files carried into the base, e.g. `.env`; globs relative to the root. */
  carry: z.array(z.string()).default([]),
  checks: z.array(CheckSpec).default([]),
  /** Environment variables handed to every process of a trial. */
  env: z.record(z.string(), z.string()).default({}),
  sandbox: SandboxLevel.default('standard'),
  egress: z
    .strictObject({
      /** Host names (`registry.example.org`, `*.example.org`) a trial may reach. */
      allow: z.array(z.string()).default([]),
      /** Named presets, e.g. `npm`, `pypi`, `go`, `crates`. */
      presets: z.array(z.string()).default([]),
      /** Whether an unknown host asks a person (`ask`) or is refused (`deny`). */
      unknown: z.enum(['ask', 'deny']).default('deny'),
      /** Millions of bytes, both ways, that may pass the proxy in one stage of a trial. */
      megabytes: z.number().positive().default(4096),
    })
    .prefault({}),
  limits: z
    .strictObject({
      memoryMb: z.number().int().positive().default(4096),
      cpus: z.number().positive().default(2),
      pids: z.number().int().positive().default(512),
      diskMb: z.number().int().positive().default(8192),
      minutes: z.number().positive().default(120),
      /** Without any sign of work for this long, a person is asked whether a trial is stuck. */
      quietMinutes: z.number().positive().default(5),
    })
    .prefault({}),
  budget: z
    .strictObject({
      /** Money in millionths of a US dollar; null means no limit. */
      trialMicros: z.number().int().nonnegative().nullable().default(null),
      taskMicros: z.number().int().nonnegative().nullable().default(null),
      dayMicros: z.number().int().nonnegative().nullable().default(null),
      trialTokens: z.number().int().nonnegative().nullable().default(null),
    })
    .prefault({}),
  /** Contenders used when a task names none. */
  contenders: z.array(z.string()).default([]),
  /** Models that review beside the rules, as `stance+model`; null means those of house.toml. */
  reviewers: z.array(ReviewerName).nullable().default(null),
  /** Paths whose change always asks a person explicitly (globs). */
  sensitive: z.array(z.string()).default([]),
})
export type ProjectSettings = z.infer<typeof ProjectSettings>

export const Project = z.object({
  id: z.string(),
  name: z.string(),
  /** Absolute path of the checkout on the house's machine. */
  path: z.string(),
  settings: ProjectSettings,
  /** Where each detected setting came from, e.g. `{ setup: "package-lock.json" }`. */
  detectedFrom: z.record(z.string(), z.string()),
  createdAt: z.iso.datetime(),
})
export type Project = z.infer<typeof Project>

/** One finding of `seatrial doctor`. */
export const DoctorFinding = z.object({
  area: z.enum(['git', 'workspace', 'sandbox', 'agents', 'models', 'project', 'store', 'disk', 'egress']),
  level: z.enum(['ok', 'warning', 'error']),
  sentence: z.string(),
})
export type DoctorFinding = z.infer<typeof DoctorFinding>

/** What a person said of a host, by pattern; a `never` without a port means every port. */
export const EgressRule = z.object({ host: z.string(), verdict: z.enum(['always', 'never']) })
export type EgressRule = z.infer<typeof EgressRule>

/** What trials of a project may reach, and who says so. */
export const EgressView = z.object({
  /** Patterns of the project's settings. */
  allow: z.array(z.string()),
  presets: z.array(z.object({ name: z.string(), hosts: z.array(z.string()) })),
  /** Hosts that the house keeps a credential of this project for; asking them adds it. */
  credentials: z.array(z.string()),
  /** What becomes of any other host. */
  unknown: z.enum(['ask', 'deny']),
  /** What people said, oldest first; stronger than the rest. */
  rules: z.array(EgressRule.extend({ at: z.iso.datetime() })),
})
export type EgressView = z.infer<typeof EgressView>
