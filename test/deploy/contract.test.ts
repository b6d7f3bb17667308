import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Contract, untoldChanges } from '../../tools/contract.ts'
import { releaseNotes } from '../../tools/release-notes.ts'
import { textOf } from './files.ts'

const contract: Contract = {
  openapi: JSON.parse(textOf('docs/openapi.json')),
  asyncapi: JSON.parse(textOf('docs/asyncapi.json')),
  changelog: '# Changelog\n\n## Unreleased\n\n**The API**\n\n- `GET /v1/me` is quick.\n',
}

/** The contract as it stands, with one thing gone. */
function without({
  path,
  frame,
  changelog = contract.changelog,
}: {
  path?: string
  frame?: string
  changelog?: string
}): Contract {
  const cut = (document: object, keys: string[]) => {
    const copy = structuredClone(document)
    const parent = keys.slice(0, -1).reduce<object>((at, key) => Reflect.get(at, key), copy)
    assert.ok(Reflect.has(parent, keys.at(-1) ?? ''), `nothing is at ${keys}`)
    Reflect.deleteProperty(parent, keys.at(-1) ?? '')
    return copy
  }
  const { openapi, asyncapi } = contract
  return {
    openapi: path === undefined ? openapi : cut(openapi, ['paths', path, 'get']),
    asyncapi: frame === undefined ? asyncapi : cut(asyncapi, ['components', 'schemas', frame, 'properties', 'position']),
    changelog,
  }
}

test('the contract of today breaks nothing against itself', () => {
  assert.deepEqual(untoldChanges(contract, contract), [])
})

test('an operation that goes away without a word does not pass, and with its line it does', () => {
  const words = ['- **Breaking**: `GET /v1/me` is gone.', '**Breaking**\n\n- `GET /v1/queues` is gone.', '`GET /v1/me`']
  for (const line of ['', ...words]) {
    const changelog = `${contract.changelog}\n${line}\n`
    assert.deepEqual(untoldChanges(contract, without({ path: '/v1/me', changelog })), ['GET /v1/me is gone'], line)
  }

  const told = `${contract.changelog}\n**Breaking**\n\n- \`GET /v1/me\` is gone:\n  ask for the session.\n\n**People**\n\n- More.\n`
  assert.deepEqual(untoldChanges(contract, without({ path: '/v1/me', changelog: told })), [])
})

test('a line that told an earlier change does not tell the next one', () => {
  const changelog = `${contract.changelog}\n**Breaking**\n\n- \`GET /v1/me\` lost a key.\n`
  const before = { ...contract, changelog }

  assert.deepEqual(untoldChanges(before, without({ path: '/v1/me', changelog })), ['GET /v1/me is gone'])
})

for (const [frame, name, change] of [
  ['ResetFrame', 'SEND /v1/ws ResetFrame', '200 lost position'],
  ['AckFrame', 'RECEIVE /v1/ws AckFrame', 'request lost position'],
] as const)
  test(`a frame that loses a key is held to the same: ${name}`, () => {
    assert.deepEqual(untoldChanges(contract, without({ frame })), [`${name} ${change}`])

    const changelog = `${contract.changelog}\n**Breaking**\n\n- \`${name}\` has no position any more.\n`
    assert.deepEqual(untoldChanges(contract, without({ frame, changelog })), [])
  })

const changelog = '# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-12-01)\n\n- More.\n\n## 0.1.0 (2026-11-23)\n\n- The first.\n'

test('the notes of a release are what the changelog says of it, and nothing else', () => {
  assert.equal(releaseNotes(changelog, '0.2.0'), '- More.')
  assert.equal(releaseNotes(changelog, '0.1.0'), '- The first.')
})

for (const [what, text, version, told] of [
  ['that the changelog does not know', changelog, '0.3.0', /no heading "## 0\.3\.0/],
  ['with a dot that is any character', changelog.replace('0.2.0', '0x2.0'), '0.2.0', /no heading/],
  ['without a date', changelog.replace(' (2026-12-01)', ''), '0.2.0', /no heading/],
  ['that nothing is said of', changelog.replace('- More.', ''), '0.2.0', /says nothing/],
  ['beside lines that belong to none', changelog.replace('Unreleased\n', 'Unreleased\n\n- Late.\n'), '0.2.0', /Unreleased/],
] as const)
  test(`a version ${what} is not released`, () => {
    assert.throws(() => releaseNotes(text, version), told)
  })
