// What a handler is: one async function per route of a table, from parsed input to a reply.
import type { Received, Reply, Route } from '@seatrial/protocol/api'

/** Who calls. `token` callers act for a person but cannot vote. */
export interface Caller {
  personId: string | null
  role: 'viewer' | 'member' | 'admin'
  kind: 'person' | 'token'
}

export type Handlers<Table extends Record<string, Route>> = {
  [Name in keyof Table]: (
    call: Received<Table[Name]>,
    caller: Caller,
  ) => Promise<Reply<Table[Name]>> | Reply<Table[Name]>
}
