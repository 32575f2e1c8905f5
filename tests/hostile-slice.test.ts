// A fast slice of the hostile suite: one attack or two per layer. All of them: `npm run test:hostile`.
import { expect, test } from 'vitest'
import { attacks } from './hostile/all.ts'
import { tryAttack } from './hostile/attempt.ts'

const slice = [
  'write outside through a symlink',
  'write outside through an open descriptor',
  "plant a hook in the user's repository",
  "read another trial's workspace",
  'read the environment of any process',
  'kill a process of the host',
  'survive as a daemon',
  'reach a service on localhost',
  'reach an abstract socket',
  'reach localhost through the proxy',
  'become root in a nested user namespace',
  'put words into a terminal',
  'start 300 processes',
  'plant programs named like those of the launcher in PATH',
]

test.each(slice)('%s', async (name) => {
  const attack = attacks.find((each) => each.name === name)
  if (!attack) throw new Error(`No attack is called ${name}`)
  expect((await tryAttack(attack, false)).outcome).toBe('succeeded')
  expect((await tryAttack(attack, true)).outcome).toBe('blocked')
})
