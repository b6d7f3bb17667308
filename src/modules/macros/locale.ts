import { lookUpLocale } from '../../platform/locale.ts'
import type { Variant } from './macro.ts'

/** The variant for a reader of these languages, the dearest first; without any, or where none fits, the first variant. */
export function chooseVariant(variants: readonly Variant[], wanted: readonly string[]): Variant | undefined {
  return lookUpLocale(variants, wanted) ?? variants[0]
}
