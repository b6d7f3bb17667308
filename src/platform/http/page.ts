import type { IncomingHttpHeaders } from 'node:http'

/** Something that is no operation of the API: a page for people, an asset, the OpenAPI document. */
export interface Page {
  /** What is sent by POST is a form that nobody reads: the address says all. */
  method: 'GET' | 'POST'
  /** The whole path, with `:name` for a parameter. */
  path: `/${string}`
  handle(request: PageRequest): Promise<PageAnswer> | PageAnswer
}

export interface PageRequest {
  /** The address of the socket, whatever any forwarding header says. */
  address: string
  headers: IncomingHttpHeaders
  params: Record<string, string>
  query: Record<string, unknown>
}

export interface PageAnswer {
  status: number
  type: string
  body: string | Buffer
  headers?: Record<string, string>
}
