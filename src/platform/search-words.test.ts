import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeWord, searchTokens, searchWords } from './search-words.ts'

test('words are found whatever their case, width and accents', () => {
  const cases: [text: string, words: string[]][] = [
    ['The printer is on fire!', ['the', 'printer', 'is', 'on', 'fire']],
    ['order_id=4711, ORD-77', ['order', 'id', '4711', 'ord', '77']],
    ["don't", ['don', 't']],
    ['Crème brûlée, ÅNGSTRÖM', ['creme', 'brulee', 'angstrom']],
    ['Straße STRASSE STRAẞE', ['strasse', 'strasse', 'strasse']],
    ['ΣΊΣΥΦΟΣ σίσυφος', ['σισυφοσ', 'σισυφοσ']],
    ['Ёлка ёлка елка', ['елка', 'елка', 'елка']],
    ['İstanbul ıstanbul', ['istanbul', 'istanbul']],
    ['Ｆｕｌｌ ｗｉｄｔｈ ﬁne', ['full', 'width', 'fine']],
    ['co\u00adoperate', ['cooperate']],
    ['كِتَاب كتاب', ['كتاب', 'كتاب']],
    ['हिन्दी', ['हिन्दी']],
    ['🖨️ 🔥', []],
    ['', []],
  ]

  for (const [text, words] of cases) assert.deepEqual(searchWords(text), words, text)
})

test('scripts without spaces give pairs of letters', () => {
  const cases: [text: string, words: string[]][] = [
    ['打印机着火了', ['打印', '印机', '机着', '着火', '火了']],
    ['火', ['火']],
    ['iPhone手机2台', ['iphone', '手机', '2', '台']],
    ['がぎ', ['がぎ']],
    ['カタ ガタ', ['カタ', 'ガタ']],
    ['ﾌﾟﾘﾝﾀｰ', ['プリ', 'リン', 'ンタ', 'ター']],
    ['프린터 고장', ['프린', '린터', '고장']],
    ['𠮷野家', ['𠮷野', '野家']],
  ]

  for (const [text, words] of cases) assert.deepEqual(searchWords(text), words, text)
  assert.ok(searchWords('เครื่องพิมพ์').length > 1)
})

test('part of a text in a script without spaces is found in the whole', () => {
  const words = new Set(searchWords('打印机着火了'))

  for (const query of ['打印机', '着火', '打印机着火了'])
    assert.ok(
      searchWords(query).every((word) => words.has(word)),
      query,
    )
  assert.ok(!searchWords('印打').every((word) => words.has(word)))
})

test('long words and long texts are cut', () => {
  assert.deepEqual(searchWords('a'.repeat(100)), ['a'.repeat(64)])
  assert.deepEqual(searchWords('я'.repeat(100)), ['я'.repeat(64)])
  assert.deepEqual(searchWords('𝼀'.repeat(100)), ['𝼀'.repeat(64)])
  assert.equal(searchWords('word '.repeat(6000)).length, 5000)
  assert.equal(searchWords('打'.repeat(6000)).length, 5000)
  assert.deepEqual(searchWords('one two three', 2), ['one', 'two'])
  assert.deepEqual(searchWords('打印机着火了', 2), ['打印', '印机'])
})

test('a text is stored as its words, each once', () => {
  assert.equal(searchTokens('Fire, fire! Go to 4'), 'zqfire zqgo zqto zq4')
  assert.equal(searchTokens('火'), `zu0${(0x706b).toString(36)}`)
  assert.equal(searchTokens('...'), '')
  assert.equal(searchTokens(`fire ${' '.repeat(200_000)} smoke`), 'zqfire')
})

test('SQLite takes every token whole and finds it by its start', () => {
  const db = new DatabaseSync(':memory:')
  db.exec("create virtual table mail using fts5(words, tokenize = 'unicode61')")
  const store = db.prepare('insert into mail (words) values (?)')
  const find = db.prepare('select count(*) as count from mail where words match ?')
  const words = ['a', 'the', '4', 'printer', 'é'.repeat(3), '打印', 'я'.repeat(64), 'z'.repeat(64)]
  for (const word of words) store.run(encodeWord(word))

  for (const word of words) assert.equal(find.get(encodeWord(word))?.count, 1, word)
  assert.equal(find.get(`${encodeWord('pri')}*`)?.count, 1)
  assert.equal(find.get(`${encodeWord('打')}*`)?.count, 1)
  db.close()
})

const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...'aZéßΣςİıがｶﾞ打印한글กำ ้'),
    fc
      .integer({ min: 0, max: 0x10ffff })
      .filter((code) => code < 0xd800 || code > 0xdfff)
      .map((code) => String.fromCodePoint(code)),
  ),
})
const asciiWord = fc.stringMatching(/^[a-z0-9]{1,64}$/)

test('upper case and lower case are the same words', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
      assert.deepEqual(searchWords(text.toUpperCase()), searchWords(text.toLowerCase()))
    }),
  )
})

test('a word that was folded once folds to itself', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      for (const word of searchWords(text)) assert.deepEqual(searchWords(word).join('|'), word)
    }),
    { numRuns: 2000 },
  )
})

test('accents make no difference, however they are composed', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      assert.deepEqual(searchWords(text.normalize('NFD')), searchWords(text))
    }),
    { numRuns: 1000 },
  )
})

test('different words have different tokens, of a shape that every engine takes', () => {
  const word = fc.oneof(
    anyText.filter((text) => text !== ''),
    asciiWord,
    fc.constantFrom('a', 'zu', 'zq', 'zq000a', '000a', '\n', '打', '打a'),
  )
  fc.assert(
    fc.property(word, word, (a, b) => {
      assert.equal(encodeWord(a) === encodeWord(b), a === b)
      assert.match(encodeWord(a), /^z[qu][a-z0-9]{1,82}$/)
    }),
    { numRuns: 2000 },
  )
})

test('overlong words keep apart by their hash', () => {
  const letters = fc.string({ unit: fc.constantFrom('я', 'ю'), minLength: 15, maxLength: 70 })
  fc.assert(
    fc.property(letters, fc.constantFrom('я', 'ю', 'яю'), (word, more) => {
      assert.notEqual(encodeWord(word), encodeWord(word + more))
      assert.ok(encodeWord(word).length <= 84)
    }),
  )
})

test('the start of a word gives the start of its token', () => {
  fc.assert(
    fc.property(
      fc.oneof(asciiWord, fc.string({ unit: fc.constantFrom('я', 'ю', 'е'), minLength: 1, maxLength: 64 })),
      fc.integer({ min: 1, max: 16 }),
      (word, length) => {
        assert.ok(encodeWord(word).startsWith(encodeWord(word.slice(0, length))))
      },
    ),
  )
})
