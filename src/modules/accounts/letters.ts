/** The words of a mail. */
export interface Letter {
  subject: string
  text: string
}

const IGNORE = 'If it was not you, ignore this mail: nothing happens then.'

// The text of a mail to an address that nobody proved is fixed: nothing that a stranger typed, no name, stands in it.

function letter(subject: string, paragraphs: string[]): Letter {
  return { subject, text: `Hello,\n\n${paragraphs.join('\n\n')}\n` }
}

export function verificationLetter(link: string): Letter {
  return letter('Confirm your e-mail address', [
    'somebody, probably you, wants to open an account with this address. Confirm it here, within a day:',
    link,
    IGNORE,
  ])
}

export function knownAddressLetter(link: string): Letter {
  return letter('You have an account already', [
    'somebody, probably you, wanted to open an account with this address. There is one already: log in with the password that you have.',
    'If you have forgotten it, or never had one, choose a new one here, within a day:',
    link,
    IGNORE,
  ])
}

export function inactiveAccountLetter(): Letter {
  return letter('Your account', [
    'somebody, probably you, wanted to open an account or a new password for this address. Its account has been deactivated.',
    'If you think that this is a mistake, ask the help desk.',
  ])
}

export function passwordResetLetter(link: string): Letter {
  return letter('Choose a new password', [
    'somebody, probably you, has forgotten the password of this account. Choose a new one here, within an hour:',
    link,
    IGNORE,
  ])
}

export function invitationLetter(link: string): Letter {
  return letter('You are invited', ['an account has been made for you. Choose its password here, within a week:', link])
}

export function emailChangeLetter(link: string): Letter {
  return letter('Confirm your new e-mail address', [
    'somebody, probably you, wants to use this address for an account. Confirm it here, within a day:',
    link,
    IGNORE,
  ])
}

export function takenAddressLetter(): Letter {
  return letter('This address is in use', [
    'somebody, probably you, wanted to use this address for another account. It has an account of its own already, so nothing was changed.',
  ])
}

export function emailChangeNotice(): Letter {
  return letter('Your e-mail address is about to change', [
    'somebody, probably you, asked to use another address for your account, and is to confirm it there.',
    'If it was not you, change your password at once: then the request is void.',
  ])
}
