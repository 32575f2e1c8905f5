// Pictures dropped or pasted, as the API takes them.
import type { Picture } from '@seatrial/protocol/task'

const kinds: readonly string[] = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'] satisfies Picture['mediaType'][]
export const mostPictures = 10
export const mostPictureBytes = 8 * 1024 * 1024

const isKind = (type: string): type is Picture['mediaType'] => kinds.includes(type)

/** Base64 of a file in pieces, so that a large picture does not overflow the stack. */
export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
  return btoa(binary)
}

/** What can be sent, and a sentence for everything that cannot. */
export async function readPictures(
  files: readonly File[],
  room: number,
): Promise<{ pictures: Picture[]; problems: string[] }> {
  const pictures: Picture[] = []
  const problems: string[] = []
  for (const [index, file] of files.entries()) {
    const name = file.name || `pasted-${index + 1}.png`
    if (!isKind(file.type)) problems.push(`${name} is not a PNG, JPEG, WebP or GIF.`)
    else if (file.size > mostPictureBytes) problems.push(`${name} is over 8 MB; send a smaller one.`)
    else if (pictures.length >= room) problems.push(`${name} was left out; a task takes ${mostPictures} pictures.`)
    else pictures.push({ name, mediaType: file.type, data: toBase64(new Uint8Array(await file.arrayBuffer())) })
  }
  return { pictures, problems }
}
