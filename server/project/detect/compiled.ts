// Go and Rust by their standard commands, and what a Makefile offers.
import type { CheckSpec } from '@seatrial/protocol'
import { check, type Detection, fileIn, inPlace, type Place, textIn } from './detection.ts'

export async function detectGo(place: Place): Promise<Detection | null> {
  const marker = ['go.work', 'go.mod'].find((name) => place.names.has(name))
  if (!marker) return null
  return {
    from: fileIn(place, marker),
    setup: [inPlace(place, 'go mod download')],
    lockfiles: ['go.sum', 'go.work.sum', marker]
      .filter((name) => place.names.has(name))
      .map((name) => fileIn(place, name)),
    checks: [
      check(place, 'test', 'go test -json ./...', { format: 'go', path: null }),
      check(place, 'types', 'go build ./...'),
      check(place, 'lint', 'go vet ./...'),
    ],
    preset: 'go',
  }
}

export async function detectRust(place: Place): Promise<Detection | null> {
  if (!place.names.has('Cargo.toml')) return null
  const locked = place.names.has('Cargo.lock')
  return {
    from: fileIn(place, 'Cargo.toml'),
    setup: [inPlace(place, `cargo fetch${locked ? ' --locked' : ''}`)],
    lockfiles: [fileIn(place, locked ? 'Cargo.lock' : 'Cargo.toml')],
    checks: [
      check(place, 'test', 'cargo test --workspace --offline'),
      check(place, 'types', 'cargo check --workspace --all-targets --offline'),
      check(place, 'lint', 'cargo clippy --workspace --all-targets --offline -- -D warnings'),
    ],
    preset: 'crates',
  }
}

/** Targets by what they check; only used for kinds that nothing else covers. */
const targets: [CheckSpec['kind'], string[]][] = [
  ['test', ['test', 'tests', 'check']],
  ['types', ['typecheck', 'types']],
  ['lint', ['lint']],
  ['build', ['build']],
]

export async function detectMake(place: Place): Promise<Detection | null> {
  const file = ['GNUmakefile', 'Makefile', 'makefile'].find((name) => place.names.has(name))
  if (!file) return null
  const text = await textIn(place, file)
  const has = (target: string) => new RegExp(`^${target}\\s*:(?!=)`, 'm').test(text)
  const checks = targets.flatMap(([kind, names]) => {
    const name = names.find(has)
    return name ? [check(place, kind, `make ${name}`)] : []
  })
  return checks.length > 0 ? { from: fileIn(place, file), checks } : null
}
