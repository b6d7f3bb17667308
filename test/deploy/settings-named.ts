import { settings } from '../../src/config.ts'

const known = new Set(Object.values(settings).flatMap(({ name }) => [name, `${name}_FILE`]))
// What compose reads itself, to choose the image.
const OTHERS = new Set(['BECKON_IMAGE'])

/** The names of settings in a text that are none, as `BECKON_MAIL_URI` would be. */
export function unknownSettingsIn(text: string): string[] {
  const named = text.match(/\bBECKON_[A-Z0-9_]+/g) ?? []
  return [...new Set(named)].filter((name) => !known.has(name) && !OTHERS.has(name))
}

/** Whether what this setting holds is a secret. */
export function isSecret(name: string): boolean {
  return Object.values(settings).some((setting) => setting.name === name && setting.isSecret === true)
}
