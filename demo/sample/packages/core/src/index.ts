export { taxRate } from '#rates'
export { Cart } from './cart.ts'
export { formatPrice, type Price } from './money.ts'
