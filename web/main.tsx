// The page starts here.
import { createRoot } from 'react-dom/client'
import { config } from 'zod'
import './theme.css'
import { App } from './app/app.tsx'
import { applyTheme } from './app/theme.ts'
import { signInFromAddress } from './data/session.ts'

// The content security policy forbids eval, which zod would otherwise probe for.
config({ jitless: true })
applyTheme()
await signInFromAddress()
createRoot(document.getElementById('root')!).render(<App />)
