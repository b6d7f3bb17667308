import { lookUpLocale } from '../../platform/locale.ts'
import { ar } from './wording/ar.ts'
import { de } from './wording/de.ts'
import { en } from './wording/en.ts'
import { es } from './wording/es.ts'
import { fr } from './wording/fr.ts'
import { ja } from './wording/ja.ts'
import { pt } from './wording/pt.ts'
import type { Wording } from './wording/wording.ts'
import { zh } from './wording/zh.ts'

/** Every language that mail speaks by itself. */
export const wordings: readonly Wording[] = [en, de, fr, es, pt, ja, zh, ar]

/** The lines above which people write their answers, in every language. */
export const replyMarkers: readonly string[] = wordings.map(({ marker }) => marker)

/** What mail says to a reader of these languages, the dearest first. */
export function wordingFor(wanted: readonly (string | null)[]): Wording {
  const said = wanted.filter((locale) => locale !== null)
  return lookUpLocale(wordings, said) ?? en
}
