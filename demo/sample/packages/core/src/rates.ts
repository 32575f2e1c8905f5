const rates = { food: 0.07, other: 0.19 } as const

export type Kind = keyof typeof rates

export const taxRate = (kind: Kind): number => rates[kind]
