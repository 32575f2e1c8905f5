import { expect, test } from 'vitest'
import type { Lease } from './lease.ts'
import type { Rooms } from './rooms.ts'
import { openSpeaker } from './say.ts'

test('while the database is away, what is said waits, and nothing is thrown at who says it', async () => {
  const reported: Error[] = []
  const transaction = () => Promise.reject(new Error('away'))
  const report = (error: Error) => void reported.push(error)
  const rooms = { store: { db: { transaction } }, report } as unknown as Rooms
  const speaker = openSpeaker(rooms, { taskId: 't-1', trialId: 'r-1' }, {} as Lease)
  for (let line = 0; line < 600; line++) await speaker.say({ type: 'workspace.progress', sentence: `${line}` })
  const away = { cause: { message: 'away' } }
  expect(reported[0]).toMatchObject(away)
  await expect(speaker.flush()).rejects.toMatchObject(away)
})
