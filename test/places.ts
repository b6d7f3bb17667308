import assert from 'node:assert/strict'
import type { Desk } from './desk.ts'

/** Every column of every table that can hold a text. */
async function textColumns(desk: Desk): Promise<{ table: string; column: string }[]> {
  if (desk.database.engine === 'mysql')
    return desk.query(
      "select table_name as `table`, column_name as `column` from information_schema.columns where table_schema = database() and data_type in ('varchar', 'text', 'mediumtext', 'longtext', 'char')",
    )
  return desk.query(
    `select m.name as "table", c.name as "column" from sqlite_schema m join pragma_table_info(m.name) c
      where m.type = 'table' and m.name not like 'ticket_search%' and lower(c.type) = 'text'`,
  )
}

/** Where a text stands in the whole database, letter for letter or as it stands in JSON. */
export async function placesOf(desk: Desk, text: string): Promise<string[]> {
  const places: string[] = []
  const columns = await textColumns(desk)
  assert.ok(columns.length > 150, `${columns.length} columns`)
  const isMysql = desk.database.engine === 'mysql'
  const q = isMysql ? '`' : '"'
  for (const { table, column } of columns)
    for (const form of new Set([text, JSON.stringify(text).slice(1, -1), text.toLowerCase()])) {
      const held = isMysql ? `convert(\`${column}\` using utf8mb4)` : `"${column}"`
      const [row] = await desk.query(`select count(*) as count from ${q}${table}${q} where instr(${held}, ?) > 0`, [form])
      if (Number(row?.count) > 0) places.push(`${table}.${column}`)
    }
  return [...new Set(places)].sort()
}
