import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  booleanSetting,
  choiceSetting,
  flagOf,
  integerSetting,
  listSetting,
  readSettings,
  secretSetting,
  textSetting,
} from './settings.ts'

const settings = {
  color: textSetting({ name: 'BECKON_COLOR', platformName: 'COLOR', fallback: 'red', about: '' }),
  size: integerSetting({ name: 'BECKON_SIZE', fallback: 5, min: 1, max: 9, unit: 'feet', about: '' }),
  isOpen: booleanSetting({ name: 'BECKON_IS_OPEN', fallback: undefined, about: '' }),
  mood: choiceSetting({ name: 'BECKON_MOOD', choices: ['calm', 'wild'], fallback: 'calm', about: '' }),
  names: listSetting({ name: 'BECKON_NAMES', kind: 'list', about: '', readItem: (item) => ({ value: item }) }),
  key: secretSetting({ name: 'BECKON_KEY', kind: 'text', about: '', read: (text) => ({ value: text }) }),
}

function read(env: Record<string, string>, flags: Record<string, string> = {}) {
  const files: Record<string, string> = { '/color': 'blue\n', '/crlf': 'blue\r\n', '/two': 'blue\n\n', '/empty': '\n' }
  const readFile = (path: string) => {
    const content = files[path]
    if (content === undefined) throw Object.assign(new Error('no'), { code: 'ENOENT' })
    return content
  }
  return readSettings(settings, { env, flags, readFile })
}

function mistakeOf(env: Record<string, string>, flags: Record<string, string> = {}) {
  const { mistakes } = read(env, flags)
  assert.equal(mistakes.length, 1, JSON.stringify(mistakes))
  return mistakes.map(({ setting, wrong, todo }) => `${setting}: ${wrong} ${todo}`).join()
}

test('a flag counts before a variable or its file, then the platform name, then the default', () => {
  const env = { BECKON_COLOR: 'green', COLOR: 'grey' }
  const cases = [
    [read(env, { color: 'gold' }), 'gold', 'flag'],
    [read(env), 'green', 'variable'],
    [read({ BECKON_COLOR_FILE: '/color', COLOR: 'grey' }), 'blue', 'file'],
    [read({ COLOR: 'grey' }), 'grey', 'platform'],
    [read({}), 'red', undefined],
    [read({ BECKON_COLOR: '', COLOR: '' }), 'red', undefined],
  ] as const

  for (const [{ values, given, mistakes }, value, source] of cases) {
    assert.deepEqual([values.color, given.get('color')?.source, mistakes], [value, source, []])
  }
})

test('one newline at the end of a file does not count', () => {
  assert.equal(read({ BECKON_COLOR_FILE: '/crlf' }).values.color, 'blue')
  assert.equal(read({ BECKON_COLOR_FILE: '/two' }).values.color, 'blue\n')
})

test('values have the types of their settings', () => {
  const { values } = read({
    BECKON_SIZE: '7',
    BECKON_IS_OPEN: 'false',
    BECKON_MOOD: 'wild',
    BECKON_NAMES: 'ada, bob',
    BECKON_KEY: 'k',
  })

  assert.deepEqual(values, { color: 'red', size: 7, isOpen: false, mood: 'wild', names: ['ada', 'bob'], key: 'k' })
})

test('a mistake names the place where it was made, and what to do', () => {
  const cases: [string, RegExp][] = [
    [mistakeOf({ BECKON_SIZE: 'big' }), /^BECKON_SIZE: "big" is not a whole number\. Give a whole number of feet from 1 to 9\.$/],
    [mistakeOf({ BECKON_SIZE: '10' }), /^BECKON_SIZE: 10 is out of range/],
    [mistakeOf({ BECKON_SIZE: '1e0' }), /not a whole number/],
    [mistakeOf({}, { size: '0' }), /^--size: /],
    [mistakeOf({}, { color: '' }), /^--color: It is empty/],
    [mistakeOf({}, { key: 'hush' }), /^BECKON_KEY: .* Set BECKON_KEY or BECKON_KEY_FILE\.$/],
    [mistakeOf({ BECKON_IS_OPEN: 'yes' }), /Give true or false/],
    [mistakeOf({ BECKON_MOOD: 'sad' }), /Give one of calm, wild/],
    [mistakeOf({ BECKON_NAMES: 'ada,,bob' }), /extra comma/],
    [mistakeOf({ BECKON_COLOR: 'red', BECKON_COLOR_FILE: '/color' }), /^BECKON_COLOR: BECKON_COLOR_FILE is set too\. Keep one/],
    [mistakeOf({ BECKON_COLOR_FILE: '/none' }), /^BECKON_COLOR_FILE: The file "\/none" cannot be read \(ENOENT\)/],
    [mistakeOf({ BECKON_COLOR_FILE: '/empty' }), /^BECKON_COLOR_FILE: The file "\/empty" is empty/],
    [mistakeOf({ BECKON_COLOUR: 'red' }), /^BECKON_COLOUR: There is no such setting\. Did you mean BECKON_COLOR\?$/],
    [mistakeOf({ BECKON_KEY_FIEL: '/key' }), /Did you mean BECKON_KEY_FILE\?$/],
    [mistakeOf({ BECKON_NOTHING_LIKE_IT: '1' }), /Remove it/],
  ]

  for (const [mistake, pattern] of cases) assert.match(mistake, pattern)
})

test('all mistakes are told at once', () => {
  const { mistakes, failed } = read({ BECKON_SIZE: '0', BECKON_MOOD: 'sad', BECKON_COLOUR: 'red' })

  assert.deepEqual(mistakes.map(({ setting }) => setting).sort(), ['BECKON_COLOUR', 'BECKON_MOOD', 'BECKON_SIZE'])
  assert.deepEqual([...failed], ['size', 'mood'])
})

test('what Kubernetes says about a service of our name is not a setting', () => {
  const port = { port: integerSetting({ name: 'BECKON_PORT', fallback: 3000, min: 1, max: 65535, about: '' }) }
  const env = {
    BECKON_PORT: 'tcp://10.0.0.1:80',
    BECKON_PORT_80_TCP: 'tcp://10.0.0.1:80',
    BECKON_PORT_80_TCP_ADDR: '10.0.0.1',
    BECKON_SERVICE_HOST: '10.0.0.1',
    BECKON_SERVICE_PORT_HTTP: '80',
    BECKON_DATABASE_PORT: 'tcp://10.0.0.2:3306',
  }

  const { values, mistakes } = readSettings(port, { env, readFile: () => '' })

  assert.deepEqual([values.port, mistakes], [3000, []])
})

test('every setting but a secret has a flag', () => {
  assert.equal(flagOf(settings.isOpen), '--is-open')
  assert.equal(flagOf(settings.key), undefined)
})
