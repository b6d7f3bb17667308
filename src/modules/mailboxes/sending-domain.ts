/** The record that publishes a key (RFC 6376 §3.6.1). `public_key` is its DER in base64. */
export function recordOf({ domain, selector, public_key }: { domain: string; selector: string; public_key: string }): {
  name: string
  type: 'TXT'
  value: string
} {
  return { name: `${selector}._domainkey.${domain}`, type: 'TXT', value: `v=DKIM1; k=rsa; p=${public_key}` }
}

/** Whether the TXT records that stand at the key's name publish it. A record is in parts of at most 255 characters. */
export function comparePublished(
  records: readonly (readonly string[])[],
  public_key: string,
): 'published' | 'different' | 'missing' {
  const keys = records.map((parts) => keyIn(parts.join(''))).filter((key) => key !== undefined)
  if (keys.length === 0) return 'missing'
  return keys.includes(public_key) ? 'published' : 'different'
}

/** The key of a record; undefined where the text is no record of a key. An empty key is one that was revoked. */
function keyIn(text: string): string | undefined {
  const tags = text.split(';').map((tag) => tag.trim())
  return tags
    .find((tag) => /^p\s*=/.test(tag))
    ?.replace(/^p\s*=/, '')
    .replace(/\s+/g, '')
}
