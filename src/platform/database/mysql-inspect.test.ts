import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeServer } from './mysql-inspect.ts'

const sound = { version: '11.8.3-MariaDB-ubu2404', charset: 'utf8mb4', flush_log: 1, packet: 16_777_216, database: 'desk' }

const versions: [version: string, refusal: string | undefined][] = [
  ['5.7.44', '5.7.44 is too old: Beckon needs MySQL 8.4 or newer.'],
  ['8.0.43', '8.0.43 is too old: Beckon needs MySQL 8.4 or newer.'],
  ['8.4.6', undefined],
  ['9.7.0', undefined],
  ['10.5.29-MariaDB', '10.5.29-MariaDB is too old: Beckon needs MariaDB 10.11 or newer.'],
  ['10.11.14-MariaDB-0+deb12u2', undefined],
  ['11.8.3-MariaDB-ubu2404', undefined],
]

for (const [version, refusal] of versions)
  test(`a server of version ${version} is ${refusal === undefined ? 'taken' : 'refused, and the message says what is needed'}`, () => {
    const judgement = judgeServer({ ...sound, version })

    assert.equal(judgement.refusal, refusal)
    assert.deepEqual(judgement.warnings, [])
  })

const charset =
  "The database's default character set is latin1. Beckon's own tables state utf8mb4; " +
  'set it with: alter database `desk` character set utf8mb4 collate utf8mb4_bin'
const durability =
  'innodb_flush_log_at_trx_commit is not 1: an acknowledged write can be lost when the server loses power. ' +
  'Set it with: set global innodb_flush_log_at_trx_commit = 1'

const packet =
  'max_allowed_packet is 1048576 bytes: the longest messages cannot be stored. ' +
  'Set it with: set global max_allowed_packet = 16777216'

const settings: [what: string, changed: Partial<typeof sound>, warnings: string[]][] = [
  ['nothing weakened', {}, []],
  ['another character set', { charset: 'latin1' }, [charset]],
  ['a log that is flushed once a second', { flush_log: 0 }, [durability]],
  ['a log that is left to the operating system', { flush_log: 2 }, [durability]],
  ['room for short statements only', { packet: 1_048_576 }, [packet]],
  ['both weakened', { charset: 'latin1', flush_log: 2 }, [charset, durability]],
  ['both weakened, and too old', { charset: 'latin1', flush_log: 2, version: '8.0.43' }, []],
]

for (const [what, changed, warnings] of settings)
  test(`a server with ${what}: ${warnings.length} told, each with what to change`, () => {
    const judgement = judgeServer({ ...sound, ...changed })

    assert.deepEqual(judgement.warnings, warnings)
  })
