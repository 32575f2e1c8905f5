// The constants of the verdict formula. Changing one is a new version: stored verdicts name the one they were made by.

export const formula = {
  version: 'v1',
  /** Level of the intervals of the rates. */
  intervalLevel: 0.95,
  /** Weight of the prior of a rate, in tasks. */
  priorTasks: 2,
  /** Where the base rate starts, and how many tasks that is worth. */
  startRate: 0.5,
  startTasks: 2,
  /** Under equal strength, SHIP names anybody at most 1 / 10 of the times, watched after every task. */
  shipE: 10,
  leanP: 0.9,
  /** LEAN is a hint: under equal strength at most 1 / 3 of the times, watched after every task. */
  leanE: 3,
  /** A rate whose interval begins here may ship; one whose interval ends below ships nothing. */
  shipRate: 0.5,
  /** Fewer labelled tasks: gates stand in for people, and nothing above LEAN. */
  leastTasks: 5,
  /** Fewer tasks that tell the two apart: too early. */
  leastDecided: 4,
  /** A contender is vetoed when more than this share of its candidates broke a gate. */
  vetoShare: 0.5,
  /** Days after which an accepted change that is still there has survived. */
  survivalDays: 14,
} as const
