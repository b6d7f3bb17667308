/** How files of a type begin: bytes at a place, written in Latin-1. */
export interface Signature {
  type: string
  at: number
  bytes: string
  /** More that must be there. */
  and?: { at: number; bytes: string }
}

function starts(type: string, bytes: string, and?: Signature['and']): Signature {
  return { type, at: 0, bytes, ...(and ? { and } : {}) }
}

/** The first that fits decides. */
export const signatures: readonly Signature[] = [
  starts('image/png', '\x89PNG\r\n\x1a\n'),
  starts('image/jpeg', '\xff\xd8\xff'),
  starts('image/gif', 'GIF87a'),
  starts('image/gif', 'GIF89a'),
  starts('image/webp', 'RIFF', { at: 8, bytes: 'WEBP' }),
  starts('audio/wav', 'RIFF', { at: 8, bytes: 'WAVE' }),
  starts('video/x-msvideo', 'RIFF', { at: 8, bytes: 'AVI ' }),
  { type: 'image/avif', at: 4, bytes: 'ftypavif' },
  { type: 'image/heic', at: 4, bytes: 'ftypheic' },
  { type: 'image/heic', at: 4, bytes: 'ftypheix' },
  { type: 'image/heif', at: 4, bytes: 'ftypmif1' },
  { type: 'video/quicktime', at: 4, bytes: 'ftypqt  ' },
  { type: 'audio/mp4', at: 4, bytes: 'ftypM4A ' },
  { type: 'video/mp4', at: 4, bytes: 'ftyp' },
  starts('image/tiff', 'II*\x00'),
  starts('image/tiff', 'MM\x00*'),
  starts('image/bmp', 'BM', { at: 6, bytes: '\x00\x00\x00\x00' }),
  starts('image/x-icon', '\x00\x00\x01\x00'),
  starts('application/pdf', '%PDF-'),
  starts('application/zip', 'PK\x03\x04'),
  starts('application/zip', 'PK\x05\x06'),
  starts('application/gzip', '\x1f\x8b\x08'),
  starts('application/x-bzip2', 'BZh'),
  starts('application/x-xz', '\xfd7zXZ\x00'),
  starts('application/zstd', '\x28\xb5\x2f\xfd'),
  starts('application/x-7z-compressed', "7z\xbc\xaf'\x1c"),
  starts('application/vnd.rar', 'Rar!\x1a\x07'),
  { type: 'application/x-tar', at: 257, bytes: 'ustar' },
  starts('application/x-ole-storage', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'),
  starts('application/rtf', '{\\rtf'),
  starts('audio/mpeg', 'ID3'),
  starts('audio/mpeg', '\xff\xfb'),
  starts('audio/flac', 'fLaC'),
  starts('audio/ogg', 'OggS'),
  starts('video/webm', '\x1a\x45\xdf\xa3'),
  starts('application/vnd.sqlite3', 'SQLite format 3\x00'),
  starts('application/vnd.microsoft.portable-executable', 'MZ'),
  starts('application/x-elf', '\x7fELF'),
  starts('application/x-mach-binary', '\xcf\xfa\xed\xfe'),
  starts('application/java-vm', '\xca\xfe\xba\xbe'),
  starts('application/wasm', '\x00asm'),
  starts('font/woff2', 'wOF2'),
]

/** Kinds of documents that are archives inside: the bytes say what they are made of, and the name what they are. */
export const within: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'application/zip': {
    docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
    odt: 'application/vnd.oasis.opendocument.text',
    ods: 'application/vnd.oasis.opendocument.spreadsheet',
    odp: 'application/vnd.oasis.opendocument.presentation',
    epub: 'application/epub+zip',
    jar: 'application/java-archive',
    apk: 'application/vnd.android.package-archive',
  },
  'application/x-ole-storage': {
    doc: 'application/msword',
    xls: 'application/vnd.ms-excel',
    ppt: 'application/vnd.ms-powerpoint',
    msg: 'application/vnd.ms-outlook',
    msi: 'application/x-msi',
  },
  'text/plain': {
    csv: 'text/csv',
    md: 'text/markdown',
    json: 'application/json',
    ics: 'text/calendar',
    vcf: 'text/vcard',
    eml: 'message/rfc822',
  },
}
