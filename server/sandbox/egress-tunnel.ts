// CONNECT: bytes both ways between the trial and an address that was checked, counted as they pass.
import { connect } from 'node:net'
import { type Duplex, Transform } from 'node:stream'
import type { Pass } from './egress-gate.ts'

const dialTimeoutMs = 20_000

export function passTunnel(
  client: Duplex,
  head: Buffer,
  pass: Extract<Pass, { verdict: 'allowed' }>,
  open: Set<Duplex>,
): void {
  const far = connect({ host: pass.address, port: pass.port, allowHalfOpen: true })
  open.add(far)
  const end = () => {
    client.destroy()
    far.destroy()
    open.delete(far)
    pass.done()
  }
  far.setTimeout(dialTimeoutMs, end)
  let established = false
  far.once('connect', () => {
    established = true
    far.setTimeout(0)
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    const sent = counter((bytes) => pass.count('sent', bytes), end)
    const received = counter((bytes) => pass.count('received', bytes), end)
    if (head.length > 0) sent.write(head)
    client.pipe(sent).pipe(far)
    far.pipe(received).pipe(client)
  })
  far.once('error', () => {
    if (!established) client.end('HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n')
    pass.done()
  })
  far.once('close', () => {
    open.delete(far)
    pass.done()
  })
  client.once('error', end)
  client.once('close', end)
}

/** Counts what passes and ends everything once `count` says no. */
export function counter(count: (bytes: number) => boolean, end: () => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, next) {
      if (count(chunk.length)) next(null, chunk)
      else end()
    },
  })
}
