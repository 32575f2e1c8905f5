// The part of spdx-satisfies that is used here; the package brings no types.
declare module 'spdx-satisfies' {
  /** Throws for what is no SPDX expression. */
  export default function satisfies(expression: string, approved: readonly string[]): boolean
}
