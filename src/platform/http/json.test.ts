import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { JsonError, type JsonFault, parseJson } from './json.ts'

function faultOf(text: string, options?: { maxDepth?: number }): JsonError {
  try {
    parseJson(text, options)
  } catch (error) {
    if (error instanceof JsonError) return error
    throw error
  }
  throw new Error(`taken: ${text.slice(0, 80)}`)
}

test('a body that is wrong is refused with its reason and its place', () => {
  const cases: [text: string, code: JsonFault, pointer: string | undefined][] = [
    ['', 'malformed_json', undefined],
    ['{"a":1', 'malformed_json', undefined],
    ['{"a":1,}', 'malformed_json', undefined],
    ['{a:1}', 'malformed_json', undefined],
    ["{'a':1}", 'malformed_json', undefined],
    ['[1 2]', 'malformed_json', undefined],
    ['[01]', 'malformed_json', undefined],
    ['[NaN]', 'malformed_json', undefined],
    ['"a', 'malformed_json', undefined],
    ['"\\x"', 'malformed_json', undefined],
    ['"\u0001"', 'malformed_json', undefined],
    ['{} {}', 'malformed_json', undefined],
    ['\ufeff{}', 'malformed_json', undefined],
    ['{"a":1,"a":1}', 'duplicate_key', '/a'],
    ['{"a":1,"\\u0061":2}', 'duplicate_key', '/a'],
    ['{"a":[{"b":1},{"b":1,"c":2,"b":{"d":"e"}}]}', 'duplicate_key', '/a/1/b'],
    ['{"a/b~":{"x":"","x":""}}', 'duplicate_key', '/a~1b~0/x'],
    ['{"__proto__":1}', 'forbidden_key', '/__proto__'],
    ['{"\\u005f_proto__":{}}', 'forbidden_key', '/__proto__'],
    ['[{"constructor":{"prototype":{"isAdmin":true}}}]', 'forbidden_key', '/0/constructor'],
    ['{"n":1e400}', 'bad_number', '/n'],
    ['-1e400', 'bad_number', ''],
    ['[9007199254740993]', 'bad_number', '/0'],
    ['[-9007199254740992]', 'bad_number', '/0'],
    ['["\\u0000"]', 'bad_text', '/0'],
    ['["\\ud83d"]', 'bad_text', '/0'],
    ['["\ud83d"]', 'bad_text', '/0'],
    ['{"a":{"\\u0000":1}}', 'bad_text', '/a'],
    // The first fault in reading order is the one that is told.
    ['{"a":1,"a":2', 'duplicate_key', '/a'],
    ['[1e400, oops]', 'bad_number', '/0'],
  ]

  for (const [text, code, pointer] of cases) {
    const fault = faultOf(text)
    assert.deepEqual([fault.code, fault.pointer], [code, pointer], text)
  }
})

test('a body that only looks wrong is taken', () => {
  const cases: [string, unknown][] = [
    [' {"a" : [ ] }\r\n', { a: [] }],
    ['{"constructor":"Acme Builders"}', { constructor: 'Acme Builders' }],
    ['{"prototype":1}', { prototype: 1 }],
    ['{"a":{"b":1},"b":{"a":1}}', { a: { b: 1 }, b: { a: 1 } }],
    ['"say \\"a\\": \\\\"', 'say "a": \\'],
    ['"\\ud83d\\udda8"', '🖨'],
    ['9007199254740991', 9007199254740991],
    ['1e-400', 0],
    ['null', null],
    [`{"body":"${'a:'.repeat(2000)}","subject":""}`, { body: 'a:'.repeat(2000), subject: '' }],
    [`["${'\\"\\\\'.repeat(500)}"]`, ['"\\'.repeat(500)]],
  ]

  for (const [text, value] of cases) assert.deepEqual(parseJson(text), value, text)
})

test('a malformed body is told where it goes wrong', () => {
  assert.match(faultOf('{\n  "a": 1,\n  "b": oops\n}').detail, /line 3, column 8/)
  assert.match(faultOf('{"a":').detail, /ends too early/)
  assert.match(faultOf(' \n').detail, /empty/)
})

test('nesting is allowed down to the limit and no deeper', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

  assert.deepEqual(parseJson(nested(3), { maxDepth: 3 }), [[[]]])
  assert.deepEqual(
    [faultOf(nested(4), { maxDepth: 3 }).code, faultOf(nested(4), { maxDepth: 3 }).pointer],
    ['too_deep', '/0/0/0'],
  )
  assert.doesNotThrow(() => parseJson(nested(32)))
  assert.equal(faultOf(nested(33)).code, 'too_deep')
})

test('a megabyte made to hurt is answered fast', () => {
  const hurtful = [
    '['.repeat(1_000_000),
    '{"a":'.repeat(200_000),
    '['.repeat(500_000) + ']'.repeat(500_000),
    `"${'\\'.repeat(1_000_000)}`,
    '1'.repeat(1_000_000),
    ' '.repeat(1_000_000),
    `{${'"a":1,'.repeat(160_000)}"a":1}`,
    `[${'\n'.repeat(1_000_000)}`,
    `{"${'x'.repeat(500_000)}":1,"${'x'.repeat(500_000)}":1}`,
  ]

  for (const text of hurtful) {
    const start = performance.now()
    faultOf(text)
    assert.ok(performance.now() - start < 1000, text.slice(0, 20))
  }
})

const key = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((name) => name !== '__proto__' && !name.includes('\u0000'))
const { value: cleanJson } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\u0000')),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -9007199254740991, max: 9007199254740991 }).map((n) => n + 0),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value')),
    fc.dictionary(key, tie('value'), { noNullPrototype: true }),
  ),
}))

test('every clean value comes back as it was sent', () => {
  fc.assert(
    fc.property(cleanJson, fc.constantFrom(undefined, 2), fc.constantFrom(0, 2000), (value, indent, spaces) => {
      // Long texts are counted in another way than short ones.
      const text = JSON.stringify(value, null, indent) + ' '.repeat(spaces)

      assert.deepEqual(parseJson(text), value)
    }),
    { numRuns: 500 },
  )
})

test('a damaged body is taken only if it is JSON, and otherwise refused in our own words', () => {
  const edit = fc.record({
    at: fc.nat(),
    drop: fc.nat(3),
    put: fc.constantFrom('', '"', '\\', '{', '}', '[', ']', ',', ':', '1', 'e', '\\u0000', '\ud800', '\n'),
  })
  fc.assert(
    fc.property(cleanJson, fc.array(edit, { maxLength: 4 }), (value, edits) => {
      let text = JSON.stringify(value)
      for (const { at, drop, put } of edits) {
        const start = at % (text.length + 1)
        text = text.slice(0, start) + put + text.slice(start + drop)
      }

      let taken: unknown
      try {
        taken = parseJson(text)
      } catch (error) {
        assert.ok(error instanceof JsonError, String(error))
        if (error.code === 'malformed_json') assert.throws(() => JSON.parse(text), SyntaxError)
        return
      }
      assert.deepEqual(taken, JSON.parse(text))
    }),
    { numRuns: 2000 },
  )
})

test('a name that is said twice is always found, wherever it stands', () => {
  fc.assert(
    fc.property(cleanJson, cleanJson, key, fc.boolean(), (first, second, name, isNested) => {
      const member = JSON.stringify(name)
      const object = `{${member}:${JSON.stringify(first)},${member}:${JSON.stringify(second)}}`

      assert.equal(faultOf(isNested ? `[0,{"outer":${object}}]` : object).code, 'duplicate_key')
    }),
  )
})
