import { nearest } from './nearest.ts'

// What a setting is, and where its value comes from. Which settings there are is said in config.ts.

/** One thing that is wrong with the settings: where, what, and what to do about it. Never quotes a secret. */
export type Mistake = { readonly setting: string; readonly wrong: string; readonly todo: string }

/** What reading a text gave: its value, or why it has none. */
export type Reading<T> = { readonly value: T } | { readonly wrong: string; readonly todo: string }

/** One setting. `kind` and `about` are for people; `fallbackText` says a default that depends on other settings. */
export type Setting<T> = {
  readonly name: `BECKON_${string}`
  readonly platformName?: string
  readonly kind: string
  readonly about: string
  readonly isSecret: boolean
  readonly fallback: T
  readonly fallbackText?: string
  readonly read: (text: string) => Reading<T>
}

export type Settings = Readonly<Record<string, Setting<unknown>>>
export type Values<S extends Settings> = { -readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never }

/** Where settings are looked up. `flags` has the settings' keys (`dataDir` for `--data-dir`). */
type Sources = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly flags?: Readonly<Record<string, string | undefined>>
  readonly readFile: (path: string) => string
}

/** A text that was found for a setting, and under which name. */
export type Given = { readonly text: string; readonly source: 'flag' | 'variable' | 'file' | 'platform'; readonly label: string }

type Words<F> = Pick<Setting<unknown>, 'name' | 'about'> & {
  readonly platformName?: string
  readonly fallback: F
  readonly fallbackText?: string
}

/** A setting whose values are texts; `check` says what is wrong with one, if anything. */
export function textSetting<F extends string | undefined>(
  words: Words<F> & { kind?: string; check?: (text: string) => { wrong: string; todo: string } | undefined },
): Setting<string | F> {
  const { kind = 'text', check, ...rest } = words
  return { ...rest, kind, isSecret: false, read: (text) => check?.(text) ?? { value: text } }
}

/** A setting whose value nobody may see: no flag, masked when shown, and `read` must not repeat it. */
export function secretSetting<T>(
  words: Omit<Words<undefined>, 'fallback'> & { kind: string; read: (text: string) => Reading<T> },
): Setting<T | undefined> {
  return { ...words, isSecret: true, fallback: undefined }
}

/** A setting that is a whole number; `unit` in the plural, for durations and sizes. */
export function integerSetting<F extends number | undefined>(
  words: Words<F> & { min: number; max: number; unit?: string },
): Setting<number | F> {
  const { min, max, unit, ...rest } = words
  const kind = `whole number${unit === undefined ? '' : ` of ${unit}`}, ${min} to ${max}`
  const todo = `Give a whole number${unit === undefined ? '' : ` of ${unit}`} from ${min} to ${max}.`
  const read = (text: string): Reading<number> => {
    if (!/^-?\d+$/.test(text)) return { wrong: `${quote(text)} is not a whole number.`, todo }
    const value = Number(text)
    return value < min || value > max ? { wrong: `${text} is out of range.`, todo } : { value }
  }
  return { ...rest, kind, isSecret: false, read }
}

/** A setting that is on or off: `true` or `false`. */
export function booleanSetting<F extends boolean | undefined>(words: Words<F>): Setting<boolean | F> {
  const read = (text: string): Reading<boolean> => {
    if (text === 'true' || text === 'false') return { value: text === 'true' }
    return { wrong: `${quote(text)} is neither true nor false.`, todo: 'Give true or false.' }
  }
  return { ...words, kind: '`true` or `false`', isSecret: false, read }
}

/** A setting that is one of a few words. */
export function choiceSetting<const T extends string, const F extends T | undefined>(
  words: Words<F> & { choices: readonly T[] },
): Setting<T | F> {
  const { choices, ...rest } = words
  const read = (text: string): Reading<T> => {
    const value = choices.find((choice) => choice === text)
    if (value !== undefined) return { value }
    return { wrong: `${quote(text)} is not one of the choices.`, todo: `Give one of ${choices.join(', ')}.` }
  }
  return { ...rest, kind: choices.map((choice) => `\`${choice}\``).join(', '), isSecret: false, read }
}

/** A setting that is a place to listen, `HOST:PORT`; port 0 takes any that is free. */
export function addressSetting(
  words: Omit<Words<undefined>, 'fallback'>,
): Setting<{ readonly host: string; readonly port: number } | undefined> {
  const read = (text: string): Reading<{ host: string; port: number }> => {
    const [, bracketed, plain, digits = ''] = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9_.-]+)):(\d{1,5})$/.exec(text) ?? []
    const host = bracketed ?? plain
    if (host !== undefined && Number(digits) <= 65_535) return { value: { host, port: Number(digits) } }
    return { wrong: `${quote(text)} is no address to listen on.`, todo: 'Give HOST:PORT, like 127.0.0.1:2525 or [::]:25.' }
  }
  return { ...words, kind: '`HOST:PORT`', isSecret: false, fallback: undefined, read }
}

/** A setting that is a list with commas between; spaces around an item do not count. */
export function listSetting(
  words: Omit<Words<readonly string[]>, 'fallback'> & { kind: string; readItem: (item: string) => Reading<string> },
): Setting<readonly string[]> {
  const { readItem, ...rest } = words
  const read = (text: string): Reading<readonly string[]> => {
    const value: string[] = []
    for (const item of text.split(',').map((part) => part.trim())) {
      const reading = item === '' ? { wrong: 'It has an empty item.', todo: 'Leave out the extra comma.' } : readItem(item)
      if ('wrong' in reading) return reading
      value.push(reading.value)
    }
    return { value }
  }
  return { ...rest, isSecret: false, fallback: [], read }
}

/** `--data-dir` for BECKON_DATA_DIR; undefined for a secret, since every user of a machine can read its command lines. */
export function flagOf(setting: Setting<unknown>): string | undefined {
  if (setting.isSecret) return undefined
  return `--${setting.name.slice('BECKON_'.length).toLowerCase().replaceAll('_', '-')}`
}

/** Quotes a value in a mistake, shortened. */
export function quote(text: string): string {
  return JSON.stringify(text.length <= 80 ? text : `${text.slice(0, 80)}…`)
}

/**
 * Finds and reads every setting: flag, then variable or file, then platform name, then default. An empty variable counts as
 * not set. A setting in `failed` has a mistake, and its default stands in `values`.
 */
export function readSettings<S extends Settings>(settings: S, sources: Sources) {
  const mistakes: Mistake[] = unknownVariables(settings, sources.env)
  const given = new Map<keyof S, Given>()
  const failed = new Set<keyof S>()
  const values: Record<string, unknown> = {}
  for (const [key, setting] of Object.entries(settings)) {
    values[key] = setting.fallback
    try {
      const found = findText(key, setting, sources)
      if (found === undefined) continue
      given.set(key, found)
      const reading = setting.read(found.text)
      if ('wrong' in reading) throw new SettingError({ setting: found.label, ...reading })
      values[key] = reading.value
    } catch (error) {
      if (!(error instanceof SettingError)) throw error
      mistakes.push(error.mistake)
      failed.add(key)
    }
  }
  // Each key got the value of its own setting's type, which TypeScript cannot follow through the loop.
  return { values: values as Values<S>, given, failed, mistakes }
}

class SettingError extends Error {
  readonly mistake: Mistake

  constructor(mistake: Mistake) {
    super(mistake.wrong)
    this.mistake = mistake
  }
}

function findText(key: string, setting: Setting<unknown>, { env, flags = {}, readFile }: Sources): Given | undefined {
  const variable = ownVariable(env, setting.name)
  const fileName = `${setting.name}_FILE`
  const file = ownVariable(env, fileName)
  if (variable !== undefined && file !== undefined) {
    const wrong = `${fileName} is set too.`
    throw new SettingError({ setting: setting.name, wrong, todo: 'Keep one of the two.' })
  }
  const flag = flags[key]
  const flagName = flagOf(setting)
  if (flag !== undefined) {
    if (flagName === undefined) throw secretInFlag(setting)
    if (flag === '')
      throw new SettingError({ setting: flagName, wrong: 'It is empty.', todo: 'Give a value, or leave the flag out.' })
    return { text: flag, source: 'flag', label: flagName }
  }
  if (variable !== undefined) return { text: variable, source: 'variable', label: setting.name }
  if (file !== undefined) return { text: readSettingFile(fileName, file, readFile), source: 'file', label: fileName }
  const platform = setting.platformName === undefined ? undefined : env[setting.platformName]
  if (setting.platformName === undefined || platform === undefined || platform === '') return undefined
  return { text: platform, source: 'platform', label: setting.platformName }
}

function secretInFlag(setting: Setting<unknown>): SettingError {
  const wrong = 'A secret cannot be given as a flag: other users of the machine could read it.'
  return new SettingError({ setting: setting.name, wrong, todo: `Set ${setting.name} or ${setting.name}_FILE.` })
}

function readSettingFile(label: string, path: string, readFile: (path: string) => string): string {
  let content: string
  try {
    content = readFile(path)
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    const wrong = `The file ${quote(path)} cannot be read (${reason}).`
    throw new SettingError({ setting: label, wrong, todo: 'Give the path of a file that the server may read.' })
  }
  const text = content.replace(/\r?\n$/, '')
  if (text !== '') return text
  throw new SettingError({ setting: label, wrong: `The file ${quote(path)} is empty.`, todo: 'Write the value into it.' })
}

function unknownVariables(settings: Settings, env: Sources['env']): Mistake[] {
  const known = new Set(Object.values(settings).flatMap(({ name }) => [name.slice(7), `${name.slice(7)}_FILE`]))
  const mistakes: Mistake[] = []
  for (const name of Object.keys(env)) {
    if (!name.startsWith('BECKON_') || known.has(name.slice(7)) || isServiceLink(name, env[name])) continue
    const meant = nearest(name.slice(7), known)
    const todo =
      meant === undefined ? 'Remove it; the settings are listed in docs/configuration.md.' : `Did you mean BECKON_${meant}?`
    mistakes.push({ setting: name, wrong: 'There is no such setting.', todo })
  }
  return mistakes
}

function ownVariable(env: Sources['env'], name: string): string | undefined {
  const text = env[name]
  return text === '' || isServiceLink(name, text) ? undefined : text
}

/** Kubernetes puts BECKON_PORT=tcp://10.0.0.1:80 and the like into every pod beside a service that is called beckon. */
function isServiceLink(name: string, text: string | undefined): boolean {
  if (/_SERVICE_(HOST|PORT(_.+)?)$/.test(name) || /_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(name)) return true
  return name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(text ?? '')
}
