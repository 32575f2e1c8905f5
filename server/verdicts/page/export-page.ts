// A comparison as files that need no house: page, style, picture, JSON. Nothing in them points back at the house.
import type { ComparisonView } from '@seatrial/protocol'
import { styleSheet } from './assets.ts'
import { comparePage } from './compare-page.ts'
import { ogPicture } from './og-picture.ts'

export interface ExportedFile {
  path: string
  encoding: 'utf8' | 'base64'
  data: string
}

export function exportPage(view: ComparisonView, baseUrl: string): ExportedFile[] {
  const assets = { style: 'style.css', script: null, home: 'index.html', picture: 'og.png', json: 'comparison.json' }
  return [
    { path: 'index.html', encoding: 'utf8', data: comparePage(view, { baseUrl, signedIn: false, assets }) },
    { path: 'style.css', encoding: 'utf8', data: styleSheet() },
    { path: 'comparison.json', encoding: 'utf8', data: `${JSON.stringify(view, null, 2)}\n` },
    { path: 'og.png', encoding: 'base64', data: ogPicture(view).toString('base64') },
  ]
}
