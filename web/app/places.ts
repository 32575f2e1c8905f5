// The places of the rail, with the keys that go there.
import { Anchor, Inbox, type LucideIcon, PenLine, Scale, Settings, Users } from 'lucide-react'

export interface Place {
  to: '/' | '/new' | '/verdicts' | '/contenders' | '/models' | '/settings'
  title: string
  icon: LucideIcon
  keys: string[]
}

export const places: readonly Place[] = [
  { to: '/', title: 'Inbox', icon: Inbox, keys: ['g i'] },
  { to: '/new', title: 'New task', icon: PenLine, keys: ['n', 'g n'] },
  { to: '/verdicts', title: 'Verdicts', icon: Scale, keys: ['g v'] },
  { to: '/contenders', title: 'Contenders', icon: Users, keys: ['g c'] },
  { to: '/models', title: 'Models', icon: Anchor, keys: ['g m'] },
  { to: '/settings', title: 'Settings', icon: Settings, keys: ['g s'] },
]
