// The page starts here.
import { createRoot } from 'react-dom/client'
import { config } from 'zod'
import './theme.css'
import { App } from './app/app.tsx'
import { applyTheme } from './app/theme.ts'

// The content security policy forbids eval, which zod would otherwise probe for.
config({ jitless: true })
applyTheme()
createRoot(document.getElementById('root')!).render(<App />)
