import type { Story } from '../story.ts'

/** What is written to the demo desk in German. */
export const german: readonly Story[] = [
  {
    queue: 'repairs',
    category: 'Repair',
    tags: ['drivetrain'],
    subject: 'Kette springt beim {product}',
    opening:
      'Guten Tag,\n\nbei meinem {product} springt seit ein paar Tagen die Kette, immer beim Anfahren und nur auf den kleinen Ritzeln. Gefahren bin ich damit knapp 3.000 km. Ist das Verschleiß oder kann man das einstellen?\n\nViele Grüße\n{name}',
    turns: [
      [
        'ask',
        'Guten Tag {name},\n\nnach 3.000 km ist meistens die Kette gelängt. Haben Sie eine Verschleißlehre? Wenn sie bei 0,75 durchfällt, sollten Kette und Kassette gemeinsam getauscht werden.',
      ],
      ['requester', 'Sie fällt sogar bei 1,0 durch …'],
      ['note', 'Kassette 11-42 und passende Kette sind am Lager, Set-Preis anbieten.'],
      [
        'agent',
        'Dann hilft nur der Tausch. Das Set aus Kette und Kassette kostet 64,90 €. Sollen wir es schicken, oder möchten Sie einen Werkstatttermin?',
      ],
      ['requester', 'Bitte schicken, das mache ich selbst.'],
      ['solve', 'Ist unterwegs. Eine Anleitung liegt bei, das Drehmoment für den Abschlussring steht auf Seite 2.'],
    ],
  },
  {
    queue: 'orders',
    category: 'Delivery',
    tags: ['parcel', 'tracking'],
    subject: 'Wo bleibt meine Bestellung {order}?',
    opening:
      'Hallo,\n\nlaut E-Mail wurde {order} letzten Montag verschickt, in der Sendungsverfolgung steht aber immer noch „Daten übermittelt“. Können Sie bitte nachsehen?\n\nDanke und Gruß\n{name}',
    turns: [
      ['note', 'Paket stand noch in der Halle, Etikett war unleserlich. Neu etikettiert und heute mitgegeben.'],
      [
        'agent',
        'Hallo {name}, das Paket stand leider noch bei uns, das Etikett war nicht lesbar. Es geht heute raus und ist übermorgen bei Ihnen. Das tut mir leid!',
      ],
      ['requester', 'Danke für die ehrliche Antwort. Ist heute angekommen.'],
      ['solve', 'Das freut mich. Gute Fahrt!'],
    ],
  },
  {
    queue: 'billing',
    category: 'Invoices',
    tags: ['invoice'],
    subject: 'Rechnung zu {order} bitte auf die Firma',
    opening:
      'Sehr geehrte Damen und Herren,\n\ndie Rechnung über {amount} zur Bestellung {order} ist auf mich privat ausgestellt. Wir brauchen sie auf die Firma, sonst bekomme ich sie nicht erstattet.\n\nMit freundlichen Grüßen\n{name}',
    turns: [
      ['ask', 'Gerne. Bitte schreiben Sie mir die genaue Firmierung, die Anschrift und die USt-IdNr.'],
      [
        'requester',
        'Steht alles in meiner Signatur vom letzten Mal, zur Sicherheit: Anschrift wie Lieferadresse, USt-IdNr. DE123456789.',
      ],
      ['solve', 'Vielen Dank, die neue Rechnung liegt in Ihrem Konto unter „Dokumente“. Die alte ist storniert.'],
    ],
  },
  {
    queue: 'repairs',
    category: 'Warranty',
    tags: ['e-bike', 'motor'],
    priority: 'high',
    subject: 'Motor setzt am Berg aus ({product})',
    opening:
      'Seit gestern schaltet der Motor meines {product} nach etwa fünf Minuten Steigung ab. Nach dem Aus- und Einschalten geht es wieder, aber nicht lange. Das Rad ist elf Monate alt und war bei der ersten Inspektion.',
    turns: [
      ['ask', 'Guten Tag {name}, das klingt nach einem Temperaturfühler. Zeigt das Display dabei einen Fehlercode an?'],
      ['requester', 'Ja, `E 14`, aber nur ganz kurz.'],
      ['note', 'E 14 = Fühler. Garantiefall, Tausch in der Werkstatt, 40 Minuten. Ersatzteil heute bestellt.'],
      [
        'hold',
        'Das ist der Fühler und ein klarer Garantiefall. Das Teil ist bestellt und in drei Tagen hier. Ich melde mich mit einem Termin.',
      ],
      ['agent', 'Das Teil ist da. Passt Ihnen Donnerstag um 16 Uhr?'],
      ['requester', 'Donnerstag 16 Uhr passt gut.'],
      ['solve', 'Getauscht und am Berg Probe gefahren: läuft. Vielen Dank für Ihre Geduld!'],
    ],
  },
  {
    queue: 'orders',
    category: 'Returns',
    tags: ['return'],
    subject: 'Rücksendung {product}',
    opening:
      'Hallo, ich möchte das {product} aus Bestellung {order} zurückgeben, es gefällt meiner Tochter leider nicht. Ausgepackt ist es, gefahren nicht. Wie läuft das?',
    turns: [
      [
        'agent',
        'Hallo {name}, kein Problem. Der Abholschein ist in Ihrem Konto, der Karton darf gern der alte sein. An welchem Tag soll der Fahrer kommen?',
      ],
      ['requester', 'Mittwoch Vormittag wäre gut.'],
      [
        'solve',
        'Mittwoch zwischen 8 und 12 Uhr ist gebucht. Das Geld kommt, sobald das Rad hier ist, meistens innerhalb einer Woche.',
      ],
    ],
  },
  {
    queue: 'repairs',
    category: 'Spare parts',
    tags: ['spare-part', 'lock'],
    subject: 'Schlüssel für Rahmenschloss verloren',
    opening:
      'Mir sind beide Schlüssel vom Rahmenschloss abhandengekommen. Die Nummer habe ich mir damals nicht notiert. Das Rad steht abgeschlossen im Keller. Was nun?',
    turns: [
      ['note', 'Nummer steht bei uns am Auftrag. Vor dem Nachmachen Kaufbeleg zeigen lassen.'],
      [
        'ask',
        'Guten Tag {name}, die Schlüsselnummer haben wir beim Kauf gespeichert. Ich brauche nur ein Foto des Kaufbelegs und die Rahmennummer, dann bestelle ich zwei neue.',
      ],
      ['requester', 'Rahmennummer: LK 20417 33. Den Beleg habe ich im Kundenkonto hochgeladen.'],
      ['solve', 'Stimmt überein. Die Schlüssel kommen direkt vom Hersteller, rechnen Sie bitte mit acht Tagen.'],
    ],
  },
  {
    queue: 'orders',
    category: 'Advice',
    tags: ['presales', 'leasing'],
    priority: 'low',
    subject: 'Gibt es das {product} auch im Dienstrad-Leasing?',
    opening:
      'Guten Morgen, mein Arbeitgeber bietet Dienstrad-Leasing an. Kann ich das {product} darüber beziehen, und wer stellt den Antrag?',
    turns: [
      [
        'solve',
        'Guten Morgen {name}, ja, mit allen gängigen Anbietern. Sie stellen den Antrag im Portal Ihres Arbeitgebers und wählen uns als Händler. Sobald die Freigabe da ist, melden wir uns mit dem Liefertermin.',
      ],
    ],
  },
  {
    queue: 'billing',
    category: 'Invoices',
    tags: ['dunning'],
    priority: 'high',
    subject: 'Mahnung trotz bezahlter Rechnung',
    opening:
      'Ich habe heute eine Mahnung über {amount} bekommen. Die Rechnung zu {order} habe ich am Tag nach der Lieferung überwiesen. Bitte klären Sie das.',
    turns: [
      ['note', 'Zahlung ist da, Verwendungszweck war die Kundennummer statt der Rechnung. Zugeordnet, Mahnung zurückgenommen.'],
      [
        'agent',
        'Sie haben völlig recht, {name}. Ihre Zahlung ist da, sie war nur nicht zugeordnet. Die Mahnung ist gegenstandslos.',
      ],
      ['requester', 'Dann bin ich beruhigt. Danke für die schnelle Antwort.'],
      ['solve', 'Gern geschehen, und bitte entschuldigen Sie den Schreck.'],
    ],
  },
  {
    queue: 'orders',
    category: 'Delivery',
    tags: ['address'],
    subject: 'Lieferadresse für {order} noch ändern?',
    opening:
      'Hallo, ich habe gerade bestellt ({order}) und aus Versehen die alte Adresse stehen lassen. Geht das noch zu ändern? Neu ist Lindenweg 4, 50674 Köln.',
    turns: [
      [
        'solve',
        'Hallo {name}, das war noch rechtzeitig: Das Paket geht an den Lindenweg 4. Die neue Adresse habe ich auch in Ihrem Konto als Standard hinterlegt.',
      ],
    ],
  },
  {
    queue: 'repairs',
    category: 'Repair',
    tags: ['service'],
    subject: 'Termin für die Inspektion',
    opening:
      'Guten Tag, mein {product} hat 1.500 km runter und soll zur Inspektion. Haben Sie in den nächsten zwei Wochen etwas frei, am liebsten nachmittags?',
    turns: [
      ['ask', 'Guten Tag {name}, frei sind Dienstag 15 Uhr, Mittwoch 16:30 Uhr und der Freitag danach ab 14 Uhr. Was passt?'],
      ['requester', 'Mittwoch 16:30 Uhr. Bitte auch nach der Hinterradbremse schauen, die schleift.'],
      ['solve', 'Eingetragen: Mittwoch 16:30 Uhr, mit Blick auf die Hinterradbremse. Das Rad ist am nächsten Mittag fertig.'],
    ],
  },
  {
    queue: 'billing',
    category: 'Account',
    tags: ['login'],
    subject: 'Bestätigungslink funktioniert nicht',
    opening:
      'Der Link in der Registrierungs-E-Mail führt auf eine Seite „Link abgelaufen“. Ich habe es dreimal probiert, immer gleich nach dem Empfang.',
    turns: [
      [
        'agent',
        'Hallo {name}, manche Virenscanner öffnen den Link vor Ihnen und verbrauchen ihn dabei. Ich habe Ihre Adresse von Hand bestätigt, bitte melden Sie sich einfach an.',
      ],
      ['requester', 'Jetzt geht es, vielen Dank!'],
      ['note', 'Vierter Fall in diesem Monat mit demselben Scanner, an die Shop-Entwicklung gegeben.'],
      ['solve', 'Prima. Die Kollegen bauen gerade einen zusätzlichen Klick ein, damit das nicht mehr passiert.'],
    ],
  },
  {
    queue: 'orders',
    category: 'Delivery',
    tags: ['damage'],
    priority: 'high',
    subject: 'Schutzblech verbogen angekommen',
    opening:
      'Das {product} (Bestellung {order}) ist heute gekommen, das vordere Schutzblech ist stark verbogen und die Strebe gebrochen. Der Karton hatte an der Stelle eine Delle. Sonst ist alles in Ordnung.',
    turns: [
      [
        'agent',
        'Das ist ärgerlich, {name}. Ein neues Schutzblech mit Streben geht heute noch raus. Trauen Sie sich den Tausch zu, oder sollen wir eine Werkstatt vor Ort bezahlen?',
      ],
      ['requester', 'Das schaffe ich selbst, sind ja nur drei Schrauben.'],
      ['solve', 'Genau. Für die Mühe gibt es 25 € Gutschrift, die steht schon in Ihrem Konto.'],
    ],
  },
  {
    queue: 'repairs',
    category: 'Warranty',
    tags: ['fleet', 'e-bike'],
    priority: 'urgent',
    subject: 'Drei Räder unserer Flotte laden nicht mehr',
    opening:
      'Hallo,\n\nseit heute Morgen laden drei unserer {product} nicht mehr, alle an derselben Ladestation, aber auch an anderen Steckdosen nicht. Wir sind ein Verleih und am Wochenende ausgebucht.\n\n{name}',
    turns: [
      ['note', 'Dringend: Verleih, Wochenende. Vermutlich Überspannung an der Station, die Ladegeräte sind hin.'],
      [
        'agent',
        'Guten Morgen {name}, wenn alle drei an derselben Station hingen, sind wahrscheinlich die Ladegeräte defekt und nicht die Räder. Ich schicke drei per Express, morgen früh vor 9 Uhr sind sie bei Ihnen.',
      ],
      ['requester', 'Danke! Mit einem geliehenen Ladegerät lädt tatsächlich eines wieder.'],
      ['agent', 'Dann ist es das. Bitte lassen Sie die Station prüfen, bevor Sie die neuen Geräte anschließen.'],
      ['requester', 'Elektriker war da, die Absicherung war falsch. Alles läuft wieder, Wochenende gerettet.'],
      ['solve', 'Sehr gut! Die alten Geräte können Sie mit dem beiliegenden Schein zurückschicken.'],
    ],
  },
  {
    queue: 'orders',
    category: 'Returns',
    tags: ['exchange'],
    subject: 'Helm in M statt L, Tausch möglich?',
    opening: 'Hallo, der Helm aus {order} ist zu groß. Kann ich ihn gegen M tauschen? Probiert habe ich ihn nur im Wohnzimmer.',
    turns: [
      ['agent', 'Hallo {name}, klar. M geht heute raus, und im Paket liegt der Rückschein für den großen.'],
      ['requester', 'Passt perfekt. L ist zurück auf dem Weg zu Ihnen.'],
      ['solve', 'Angekommen, danke. Gute Fahrt!'],
    ],
  },
  {
    queue: 'billing',
    category: 'Account',
    tags: ['insurance'],
    subject: 'Rad gestohlen: Bescheinigung für die Versicherung',
    opening:
      'Mein {product} wurde gestern vor dem Bahnhof gestohlen. Die Versicherung verlangt Kaufdatum, Preis und Rahmennummer schriftlich von Ihnen. Können Sie das ausstellen?',
    turns: [
      [
        'agent',
        'Das tut mir sehr leid, {name}. Die Bescheinigung mit allen Angaben liegt in Ihrem Konto. Ich habe das Rad zusätzlich als gestohlen vermerkt: Bringt es jemand in eine Werkstatt, erfahren wir es.',
      ],
      ['requester', 'Das ist mehr, als ich erwartet hatte. Herzlichen Dank.'],
      ['solve', 'Ich drücke die Daumen. Falls Sie ein Leihrad brauchen, sagen Sie Bescheid.'],
    ],
  },
]
