// Models on a terminal: what is here first, what fits before what does not, a bar for a download.
import type { ModelCard, Pull } from '@seatrial/protocol'
import pc from 'picocolors'
import { expect, test } from 'vitest'
import { modelList, pullLine } from './model-text.ts'

const plain = pc.createColors(false)
const card = (change: Partial<ModelCard>): ModelCard => ({
  name: 'm',
  title: 'M',
  state: 'available',
  chosen: false,
  licence: 'Apache-2.0',
  licenceUrl: null,
  source: 'huggingface:o/m',
  revision: null,
  roles: ['chat'],
  contextTokens: 131_072,
  seesImages: false,
  files: [],
  bytes: 14.3e9,
  needBytes: 20 * 2 ** 30,
  fits: true,
  note: 'good',
  adapters: [],
  warnings: [],
  ...change,
})

test('what is here comes first, then what fits, then what is too big', () => {
  const text = modelList(
    [
      card({ name: 'big', fits: false }),
      card({ name: 'small', needBytes: null, fits: null, bytes: null }),
      card({ name: 'mine', state: 'installed', chosen: true, seesImages: true, bytes: 1.6e6 }),
      card({ name: 'box', state: 'remote', source: 'https://gpu.example.org/v1' }),
    ],
    { memoryBytes: 24 * 2 ** 30, contextTokens: 32_768 },
    plain,
  )
  expect(text.split('\n').map((line) => line.replace(/ +/g, ' '))).toEqual([
    'Here',
    '● mine chat 128k 1.6 MB Apache-2.0 in use, sees pictures',
    '○ box chat 128k https://gpu.example.org/v1 Apache-2.0',
    '',
    'To pull, with 24.0 GiB of memory and 32k tokens of context',
    ' small chat 128k good',
    ' big chat 128k 14.3 GB needs 20.0 GiB too big good',
  ])
})

test('a download has a bar, and none where the size is not known', () => {
  const pull: Pull = {
    name: 'm',
    state: 'downloading',
    file: 'model.gguf',
    doneBytes: 5e9,
    totalBytes: 20e9,
    bytesPerSecond: 50e6,
    secondsLeft: 300,
    sentence: null,
  }
  expect(pullLine(pull, 8)).toBe('██░░░░░░ 25%  5.0 GB of 20.0 GB  50.0 MB/s  5m left  model.gguf')
  expect(pullLine({ ...pull, totalBytes: null, secondsLeft: null }, 8)).toBe('5.0 GB  50.0 MB/s  model.gguf')
  expect(pullLine({ ...pull, state: 'verifying' }, 8)).toBe('verifying m')
})
