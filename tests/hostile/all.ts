// All attacks.
import type { Attack } from './attack.ts'
import { fileAttacks } from './attacks/files.ts'
import { kernelAttacks } from './attacks/kernel.ts'
import { launcherAttacks } from './attacks/launcher.ts'
import { limitAttacks } from './attacks/limits.ts'
import { networkAttacks } from './attacks/network.ts'
import { processAttacks } from './attacks/processes.ts'

export const attacks: Attack[] = [
  ...fileAttacks,
  ...processAttacks,
  ...networkAttacks,
  ...kernelAttacks,
  ...limitAttacks,
  ...launcherAttacks,
]
