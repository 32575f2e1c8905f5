// Two tools known by dossier only: an opinion on cited facts. Without one shared task the label stays TOO EARLY.
import type { Dossier, Estimate } from '@seatrial/protocol'
import { countsOf } from './dossier-stances.ts'
import { panelShare, uncalibrated } from './panel-share.ts'

export interface DossiersInputs {
  kind: 'dossiers'
  formula: string
  a: Dossier
  b: Dossier
}

export function judgeDossiers({ a, b }: DossiersInputs): Estimate {
  return {
    label: 'too-early',
    provisional: false,
    opinion: true,
    tasks: 0,
    wins: 0,
    losses: 0,
    ties: 0,
    eValue: 1,
    pBetterA: 0.5,
    pBetterB: 0.5,
    baseRate: 0.5,
    rateA: null,
    rateB: null,
    vetoedA: false,
    vetoedB: false,
    panelA: panelShare(countsOf(a), uncalibrated, 0.5),
    panelB: panelShare(countsOf(b), uncalibrated, 0.5),
    cost: { a: null, b: null, ratio: null, interval: null },
    cheaper: null,
  }
}
