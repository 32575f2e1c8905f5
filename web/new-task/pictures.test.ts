import { Picture } from '@seatrial/protocol/task'
import { expect, test } from 'vitest'
import { mostPictureBytes, readPictures, toBase64 } from './pictures.ts'

const file = (name: string, type: string, size = 4) => new File([new Uint8Array(size).fill(7)], name, { type })

test('pictures become what the API takes', async () => {
  const { pictures, problems } = await readPictures([file('a.png', 'image/png'), file('', 'image/webp')], 10)
  expect(pictures.map((picture) => Picture.parse(picture).name)).toEqual(['a.png', 'pasted-2.png'])
  expect(Buffer.from(pictures[0]!.data, 'base64')).toEqual(Buffer.alloc(4, 7))
  expect(problems).toEqual([])
})

test('what cannot be sent is named', async () => {
  const { pictures, problems } = await readPictures(
    [
      file('a.svg', 'image/svg+xml'),
      file('big.png', 'image/png', mostPictureBytes + 1),
      file('b.png', 'image/png'),
      file('c.png', 'image/png'),
    ],
    1,
  )
  expect(pictures.map(({ name }) => name)).toEqual(['b.png'])
  expect(problems.map((sentence) => sentence.split(' ')[0])).toEqual(['a.svg', 'big.png', 'c.png'])
})

test('a large picture does not overflow the stack', () => {
  const bytes = new Uint8Array(3_000_000).fill(65)
  expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
})
