// Style and script of the pages, read from beside this file.
import { readFileSync } from 'node:fs'

const read = (name: string): string => readFileSync(new URL(`./${name}`, import.meta.url), 'utf8')

export const styleSheet = (): string => read('style.css')
export const pageScript = (): string => read('page.js')
