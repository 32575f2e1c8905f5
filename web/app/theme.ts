// Which of the three themes is on; `system` follows the machine. Kept in this browser.
export const themes = ['system', 'light', 'dark', 'contrast'] as const
export type ThemeChoice = (typeof themes)[number]

const key = 'seatrial.theme'
const listeners = new Set<() => void>()

export const chosenTheme = (): ThemeChoice => {
  const kept = localStorage.getItem(key)
  return themes.find((theme) => theme === kept) ?? 'system'
}

/** The theme on screen, with `system` resolved. */
export function shownTheme(): Exclude<ThemeChoice, 'system'> {
  const chosen = chosenTheme()
  if (chosen !== 'system') return chosen
  if (matchMedia('(prefers-contrast: more)').matches) return 'contrast'
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

export function applyTheme(): void {
  document.documentElement.dataset.theme = shownTheme()
  for (const listener of listeners) listener()
}

export function chooseTheme(theme: ThemeChoice): void {
  localStorage.setItem(key, theme)
  applyTheme()
}

export function watchTheme(listener: () => void): () => void {
  listeners.add(listener)
  const system = matchMedia('(prefers-color-scheme: dark)')
  system.addEventListener('change', applyTheme)
  return () => {
    listeners.delete(listener)
    system.removeEventListener('change', applyTheme)
  }
}
