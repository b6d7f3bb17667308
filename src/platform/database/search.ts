import { type RawBuilder, sql } from 'kysely'
import { encodeWord, searchTokens, searchWords } from '../search-words.ts'
import { connectionOf, engineOf } from './connection.ts'
import type { Step } from './migrate.ts'
import type { Reader } from './schema.ts'

// Full text on both engines, fed by one tokenizer of our own: FTS5 on SQLite, InnoDB's FULLTEXT on MySQL and MariaDB.
// A document is one text of one owner, in one visibility class; a search names the classes that it may look into.

interface Document {
  /** The identifier of the text itself. */
  id: string
  /** What a hit leads to. */
  owner_id: string
  visibility: 'public' | 'internal'
  text: string
}

/** The tables of a search index, `name` and on SQLite also `name_documents`. */
export function createSearchIndex(name: string): Step {
  return {
    name: `search index ${name}`,
    run: async (db) => {
      const connection = connectionOf(db)
      const statements =
        connection.engine === 'mysql'
          ? [
              `create table if not exists ${name} (document_id varchar(64) character set ascii collate ascii_bin not null primary key,
               owner_id varchar(64) character set ascii collate ascii_bin not null, visibility varchar(16) character set ascii collate ascii_bin not null,
               tokens mediumtext character set ascii collate ascii_general_ci not null, key owner (owner_id), fulltext key tokens (tokens)) engine = innodb`,
            ]
          : [
              `create table if not exists ${name}_documents (number integer primary key, document_id text not null unique, owner_id text not null, visibility text not null) strict`,
              `create index if not exists ${name}_documents_owner on ${name}_documents (owner_id)`,
              `create virtual table if not exists ${name} using fts5 (tokens, content = '', contentless_delete = 1, detail = none)`,
            ]
      for (const statement of statements) await connection.query(statement, [])
    },
  }
}

/** Puts a text into the index, in place of what stood there under its id. */
export async function indexDocument(db: Reader, index: string, document: Document & { replaces: boolean }): Promise<void> {
  const connection = connectionOf(db)
  if (document.replaces) await removeDocuments(db, index, { column: 'document_id', value: document.id })
  const { id, owner_id, visibility } = document
  const tokens = searchTokens(document.text)
  if (connection.engine === 'mysql') {
    await connection.query(`insert into ${index} (document_id, owner_id, visibility, tokens) values (?, ?, ?, ?)`, [
      id,
      owner_id,
      visibility,
      tokens,
    ])
    return
  }
  const { insertId } = await connection.query(
    `insert into ${index}_documents (document_id, owner_id, visibility) values (?, ?, ?)`,
    [id, owner_id, visibility],
  )
  await connection.query(`insert into ${index} (rowid, tokens) values (?, ?)`, [insertId, tokens])
}

/** Takes texts out of the index: one, or all of an owner. */
export async function removeDocuments(
  db: Reader,
  index: string,
  { column, value }: { column: 'document_id' | 'owner_id'; value: string },
): Promise<void> {
  const connection = connectionOf(db)
  if (connection.engine === 'mysql') {
    await connection.query(`delete from ${index} where ${column} = ?`, [value])
    return
  }
  await connection.query(`delete from ${index} where rowid in (select number from ${index}_documents where ${column} = ?)`, [
    value,
  ])
  await connection.query(`delete from ${index}_documents where ${column} = ?`, [value])
}

// So many in one statement: a bound for its length.
const MOVED_AT_ONCE = 500

/** Gives texts to another owner: hits in them lead there. Those that are not in the index are passed over. */
export async function moveDocuments(
  db: Reader,
  index: string,
  { ids, owner_id }: { ids: readonly string[]; owner_id: string },
): Promise<void> {
  const connection = connectionOf(db)
  const table = connection.engine === 'mysql' ? index : `${index}_documents`
  for (let from = 0; from < ids.length; from += MOVED_AT_ONCE) {
    const some = ids.slice(from, from + MOVED_AT_ONCE)
    await connection.query(`update ${table} set owner_id = ? where document_id in (${some.map(() => '?').join(', ')})`, [
      owner_id,
      ...some,
    ])
  }
}

/** The words of a search as terms of the index, at most 16. A word that ends in `*` matches what begins with it. */
export function searchTerms(text: string): string[] {
  return text
    .split(/\s+/)
    .flatMap((part) => {
      const isPrefix = part.endsWith('*')
      return searchWords(part).map((word) => `${encodeWord(word)}${isPrefix && /^[a-z0-9]+$/.test(word) ? '*' : ''}`)
    })
    .slice(0, 16)
}

/** The condition that `owner` has a term, or the slot of one, in some text of these classes. */
export function searchCondition(
  db: Reader,
  index: string,
  { owner, term, classes }: { owner: RawBuilder<unknown>; term: unknown; classes: readonly string[] },
): RawBuilder<boolean> {
  const table = sql.raw(index)
  const visible = sql`visibility in (${sql.join([...classes])})`
  return engineOf(db) === 'mysql'
    ? // A table of its own: MySQL 9 loses hits where it joins a full text search into the outer statement.
      sql<boolean>`${owner} in (select owner_id from (select distinct owner_id from ${table} where match (tokens) against (concat('+', ${term}) in boolean mode) and ${visible}) as hits)`
    : sql<boolean>`${owner} in (select owner_id from ${sql.raw(`${index}_documents`)} where number in (select rowid from ${table} where ${table} match ${term}) and ${visible})`
}
