// How the proxy of one sandbox learns what people say of hosts.
import { patternOf, ruling } from '../sandbox/egress-rules.ts'
import { askPerson } from './ask.ts'
import type { Rooms } from './rooms.ts'
import { egressRules } from './said-of-hosts.ts'

/** Whose requests they are; `trialId` is null for the set-up of a base layer. */
interface Asker {
  projectId: string
  taskId: string
  trialId: string | null
}

/** Looks rules up and asks where there is none; `closing` ends the waiting. */
export function egressVoice(rooms: Rooms, { projectId, taskId, trialId }: Asker, closing: AbortSignal) {
  const signal = AbortSignal.any([rooms.stopping, closing])
  return {
    ruled: async (host: string, port: number) => ruling(await egressRules(rooms.store.db, projectId), host, port),
    async ask(host: string, port: number): Promise<'once' | 'always' | 'never'> {
      const subject = patternOf(host, port)
      const answer = await askPerson(
        rooms,
        {
          taskId,
          trialId,
          kind: 'egress',
          subject,
          text: `Allow a connection to ${subject}?`,
          options: ['once', 'always', 'never'],
        },
        signal,
      )
      return answer === 'always' || answer === 'once' ? answer : 'never'
    },
  }
}
