// Counters of the endpoint in the Prometheus text format.

export interface Metrics {
  count(name: CounterName, model: string, by?: number): void
  text(gauges: { name: GaugeName; model: string; value: number }[]): string
}

const counters = {
  requests: 'Requests answered or refused.',
  refused: 'Requests refused or failed.',
  prompt_tokens: 'Tokens read.',
  cached_tokens: 'Tokens read from the cache.',
  completion_tokens: 'Tokens written.',
  seconds: 'Time from request to last token.',
} as const
type CounterName = keyof typeof counters

const gaugeHelp = {
  running: 'Requests being answered.',
  waiting: 'Requests in line.',
  processes: 'Engine processes.',
} as const
type GaugeName = keyof typeof gaugeHelp

export function createMetrics(): Metrics {
  const totals = new Map<string, Map<string, number>>()
  return {
    count(name, model, by = 1) {
      const byModel = totals.get(name) ?? new Map<string, number>()
      byModel.set(model, (byModel.get(model) ?? 0) + by)
      totals.set(name, byModel)
    },
    text(gauges) {
      const lines: string[] = []
      for (const [name, help] of Object.entries(counters)) {
        lines.push(`# HELP seatrial_engine_${name}_total ${help}`, `# TYPE seatrial_engine_${name}_total counter`)
        for (const [model, value] of totals.get(name) ?? []) {
          lines.push(`seatrial_engine_${name}_total{model=${JSON.stringify(model)}} ${value}`)
        }
      }
      for (const [name, help] of Object.entries(gaugeHelp)) {
        lines.push(`# HELP seatrial_engine_${name} ${help}`, `# TYPE seatrial_engine_${name} gauge`)
        for (const gauge of gauges.filter((each) => each.name === name)) {
          lines.push(`seatrial_engine_${name}{model=${JSON.stringify(gauge.model)}} ${gauge.value}`)
        }
      }
      return `${lines.join('\n')}\n`
    },
  }
}
