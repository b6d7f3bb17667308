import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalLocale } from '../../platform/locale.ts'
import { chooseVariant } from './locale.ts'

test('a language is looked up by its tag and what is behind it; without a text in it the first is taken', () => {
  const variants = ['en', 'de', 'de-CH', 'zh-Hant', 'pt-BR'].map((locale) => ({ locale, body: locale }))
  const cases: [string[], string][] = [
    [[], 'en'],
    [['de'], 'de'],
    [['de-AT'], 'de'],
    [['DE-ch-1996'], 'de-CH'],
    [['zh-Hant-TW'], 'zh-Hant'],
    [['zh'], 'en'],
    [['pt'], 'en'],
    [['fr', 'pt-BR'], 'pt-BR'],
    [['de-a-value'], 'de'],
    [['xx'], 'en'],
  ]

  for (const [wanted, expected] of cases) assert.equal(chooseVariant(variants, wanted)?.locale, expected, wanted.join())
  assert.equal(chooseVariant([], ['de']), undefined)
})

test('a tag gets its canonical form, and what is none has none', () => {
  assert.equal(canonicalLocale('DE-at'), 'de-AT')
  assert.equal(canonicalLocale('iw'), 'he')
  for (const wrong of ['', 'd', 'de_AT', 'de-', 'english-language-of-mine', 'de-AT-AT-1'])
    assert.equal(canonicalLocale(wrong), undefined)
})
