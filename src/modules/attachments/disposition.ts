/** How a browser shows or names a file: RFC 6266, with the name in ASCII for old ones and in full by RFC 8187. */
export function contentDisposition(name: string, isInline: boolean): string {
  const plain = name.replaceAll(/[^\x20-\x7e]/g, '_').replaceAll(/["\\%]/g, '_')
  const full = encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  const isPlain = plain === name
  return `${isInline ? 'inline' : 'attachment'}; filename="${plain}"${isPlain ? '' : `; filename*=UTF-8''${full}`}`
}
