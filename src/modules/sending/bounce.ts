/** What was said of a recipient: by a mail server at once, or in a report later. */
export interface Verdict {
  smtp_code: number | null
  enhanced_code: string | null
  response: string | null
}

// RFC 3463 §3.2 and the IANA registry: no such mailbox, no such system, no such syntax, moved without a new address, a domain that takes
// no mail. Not X.1.7 and X.1.8, which are of the sender; nor a full or a disabled mailbox, which may come back.
const NO_SUCH_ADDRESS = /^5\.1\.(1|2|3|6|10)$/
const IN_WORDS =
  /user unknown|unknown user|no such (user|mailbox|recipient|address)|(mailbox|recipient|user|address|account) (does not|doesn't|do not) exist|(unknown|invalid) (recipient|mailbox)|recipient (not found|unknown)/i

/** Whether an address does not exist: nothing is sent to it any more. A refusal of what was sent, or of who sent it, is another thing. */
export function isHardBounce({ smtp_code, enhanced_code, response }: Verdict): boolean {
  if (enhanced_code !== null) return NO_SUCH_ADDRESS.test(enhanced_code)
  return (smtp_code === 550 || smtp_code === 551 || smtp_code === 553) && IN_WORDS.test(response ?? '')
}
