declare module '../../platform/database/schema.ts' {
  interface Schema {
    attachments: AttachmentRow
    files: FileRow
  }
}

/** Whether a scanner has looked: `unscanned` where there is none. `failed`: it could not, and will not be asked again. */
export type ScanState = 'unscanned' | 'pending' | 'clean' | 'infected' | 'failed'

/** A file as somebody uploaded it. Several may share one content. */
export interface AttachmentRow {
  id: string
  sha256: string
  name: string
  content_type: string
  size: number
  uploader_type: string
  uploader_id: string
  /** The message that names it; null until one does. */
  message_id: string | null
  /** Its place among the attachments of its message. */
  position: number
  scan_state: ScanState
  /** What keeps it for many messages, such as a macro: each of them gets a copy, and none names it. */
  kept_by: string | null
  created_at: number
  updated_at: number
  version: number
}

/** A content that is kept, once, and where. */
export interface FileRow {
  sha256: string
  storage_key: string
  size: number
  created_at: number
}
