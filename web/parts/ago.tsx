// How long ago something was, kept fresh once a minute.
import { useSyncExternalStore } from 'react'
import { moment, span } from './format.ts'

const minute = () => Math.floor(Date.now() / 60_000)
const subscribe = (listener: () => void) => {
  const timer = setInterval(listener, 60_000)
  return () => clearInterval(timer)
}

export function Ago({ at }: { at: string }) {
  useSyncExternalStore(subscribe, minute)
  return (
    <time dateTime={at} title={moment(at)} className="tabular whitespace-nowrap">
      {span(Date.now() - Date.parse(at))}
    </time>
  )
}
