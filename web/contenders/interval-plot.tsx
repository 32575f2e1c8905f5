// A dot with its interval per row, drawn by Observable Plot, which is loaded only here.
import * as Plot from '@observablehq/plot'
import { useEffect, useRef } from 'react'

export interface PlotRow {
  name: string
  share: number
  low: number
  high: number
}

interface IntervalPlotProps {
  rows: readonly PlotRow[]
  label: string
}

export function IntervalPlot({ rows, label }: IntervalPlotProps) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const at = place.current
    if (!at) return
    const draw = () => {
      const names = rows.map(({ name }) => name)
      const width = Math.max(280, at.clientWidth)
      const chart = Plot.plot({
        width,
        height: 58 + names.length * 26,
        marginBottom: 44,
        marginLeft: width < 500 ? 120 : 170,
        marginRight: 20,
        style: { background: 'transparent', color: 'var(--ink-soft)', fontFamily: 'inherit', fontSize: '12px' },
        x: { domain: [0, 100], grid: true, label: `${label} (%)` },
        y: { domain: names, label: null, tickSize: 0 },
        marks: [
          Plot.ruleY(rows, {
            y: 'name',
            x1: (row: PlotRow) => row.low * 100,
            x2: (row: PlotRow) => row.high * 100,
            stroke: 'var(--accent)',
            strokeWidth: 2,
            strokeOpacity: 0.55,
          }),
          Plot.dot(rows, { y: 'name', x: (row: PlotRow) => row.share * 100, fill: 'var(--accent)', r: 4.5 }),
        ],
      })
      // The whole is described in words; the parts would only repeat it.
      chart.setAttribute('aria-hidden', 'true')
      at.replaceChildren(chart)
    }
    draw()
    const observer = new ResizeObserver(draw)
    observer.observe(at)
    return () => observer.disconnect()
  }, [rows, label])
  return (
    <div
      ref={place}
      role="img"
      aria-label={`${label}: ${rows.map(({ name, share, low, high }) => `${name} ${percent(share)}, between ${percent(low)} and ${percent(high)}`).join('; ')}`}
    />
  )
}

const percent = (share: number) => `${Math.round(share * 100)}%`
