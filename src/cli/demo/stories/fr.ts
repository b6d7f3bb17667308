import type { Story } from '../story.ts'

/** What is written to the demo desk in French. */
export const french: readonly Story[] = [
  {
    queue: 'orders',
    category: 'Delivery',
    tags: ['parcel', 'tracking'],
    subject: 'Commande {order} : toujours rien reçu',
    opening:
      'Bonjour,\n\nma commande {order} devait arriver mardi. Le transporteur indique « livré », mais je n’ai rien reçu et mes voisins non plus. Que dois-je faire ?\n\nCordialement\n{name}',
    turns: [
      ['note', 'Preuve de livraison demandée au transporteur : la signature n’est pas la sienne.'],
      [
        'hold',
        'Bonjour {name},\n\nj’ai demandé au transporteur où le colis a été remis. Je vous réponds dès que je le sais, demain au plus tard.\n\n{agent}',
      ],
      [
        'agent',
        'Il a été déposé au point relais de la rue des Lilas sans avis de passage. Il vous y attend, une pièce d’identité suffit.',
      ],
      ['requester', 'Je viens de le récupérer, tout est complet. Merci beaucoup !'],
      ['solve', 'Parfait, bonne route {name} !'],
    ],
  },
  {
    queue: 'repairs',
    category: 'Warranty',
    tags: ['e-bike', 'display'],
    subject: 'Écran noir sur mon {product}',
    opening:
      'Bonjour, depuis la pluie de dimanche l’écran de mon {product} reste noir. L’assistance fonctionne, mais je ne vois plus ni la vitesse ni la batterie. Il a quatre mois.',
    turns: [
      [
        'ask',
        'Bonjour {name}, merci de débrancher la batterie une minute puis de rester appuyé dix secondes sur le bouton. L’écran s’allume-t-il ?',
      ],
      ['requester', 'Non, toujours noir. On voit un peu de buée dans le coin.'],
      ['note', 'Buée = joint défectueux, série de mars. Échange sous garantie sans retour préalable.'],
      ['agent', 'C’est donc le joint, et la garantie le couvre. Un nouvel écran part aujourd’hui ; il se clipse sans outil.'],
      ['requester', 'Reçu et monté en deux minutes. Impeccable.'],
      ['solve', 'Merci de votre retour {name}. Vous pouvez jeter l’ancien en déchetterie.'],
    ],
  },
  {
    queue: 'billing',
    category: 'Invoices',
    tags: ['invoice'],
    subject: 'Facture de la commande {order}',
    opening:
      'Bonjour, je ne trouve pas la facture de {order} ({amount}) dans mon espace client. J’en ai besoin pour la prime à l’achat de ma région.',
    turns: [
      [
        'agent',
        'Bonjour {name}, elle attendait une adresse complète. Je l’ai corrigée : la facture est maintenant dans votre espace, avec la mention que demandent les régions.',
      ],
      ['requester', 'Je l’ai, merci. La région demande aussi le numéro du cadre.'],
      ['solve', 'Je l’ai ajouté, la version du jour est la bonne. Bonne chance pour la prime !'],
    ],
  },
  {
    queue: 'orders',
    category: 'Returns',
    tags: ['return', 'refund'],
    subject: 'Retour du {product}',
    opening:
      'Bonjour, le {product} est trop grand pour mon fils. Je voudrais le rendre et être remboursé. Il n’a roulé que dans la cour.',
    turns: [
      [
        'agent',
        'Bonjour {name}, c’est possible pendant 30 jours, quelques tours de cour ne posent pas de problème. Quel jour le transporteur peut-il passer ?',
      ],
      ['requester', 'Vendredi après-midi.'],
      ['solve', 'C’est noté pour vendredi. Le remboursement de {amount} suit dès la réception, sous cinq jours.'],
    ],
  },
  {
    queue: 'repairs',
    category: 'Repair',
    tags: ['brakes'],
    priority: 'high',
    subject: 'Le frein arrière du {product} grince fort',
    opening:
      'Bonjour, depuis une semaine le frein arrière grince à chaque arrêt, tout l’immeuble m’entend arriver. Les plaquettes ont l’air encore épaisses.',
    turns: [
      ['ask', 'Bonjour {name}, avez-vous utilisé un nettoyant ou de l’huile en bombe près du disque récemment ?'],
      ['requester', 'Euh… oui, j’ai huilé la chaîne avec une bombe.'],
      [
        'agent',
        'Voilà la cause : un peu d’huile est allée sur le disque. Nettoyez-le à l’alcool et changez les plaquettes, elles ne se récupèrent pas. Je peux vous en envoyer pour 18,90 €.',
      ],
      ['requester', 'Oui, envoyez-les, merci pour l’explication.'],
      ['solve', 'Elles sont parties. La prochaine fois, mettez l’huile goutte à goutte et le voisinage dormira mieux.'],
    ],
  },
  {
    queue: 'billing',
    category: 'Account',
    tags: ['login'],
    subject: 'Mot de passe : aucun e-mail reçu',
    opening: 'Bonjour, j’ai demandé trois fois un nouveau mot de passe et je ne reçois rien, même dans les indésirables.',
    turns: [
      ['note', 'Adresse enregistrée avec une faute : « gmial ». Identité vérifiée par la dernière commande.'],
      [
        'ask',
        'Bonjour {name}, pouvez-vous me donner le numéro de votre dernière commande ? L’adresse enregistrée semble comporter une faute de frappe.',
      ],
      ['requester', 'C’est {order}.'],
      ['solve', 'Merci, c’est bien vous. J’ai corrigé l’adresse ; redemandez le mot de passe, il arrivera cette fois.'],
    ],
  },
  {
    queue: 'orders',
    category: 'Advice',
    tags: ['presales'],
    priority: 'low',
    subject: 'Quelle taille pour 1,72 m ?',
    opening: 'Bonjour, je mesure 1,72 m pour un entrejambe de 79 cm. M ou L pour le {product} ?',
    turns: [
      [
        'solve',
        'Bonjour {name}, prenez M : avec 79 cm d’entrejambe, la tige de selle est au milieu de sa course et vous pourrez la régler dans les deux sens. Vous avez 30 jours pour l’essayer.',
      ],
    ],
  },
  {
    queue: 'repairs',
    category: 'Spare parts',
    tags: ['spare-part', 'battery'],
    subject: 'Deuxième batterie pour le {product}',
    opening: 'Bonjour, peut-on monter une deuxième batterie sur le {product} ? Je fais 90 km par jour pour les livraisons.',
    turns: [
      [
        'agent',
        'Bonjour {name}, oui : sur le porte-bagages, avec le kit double. Le vélo passe seul de l’une à l’autre. Comptez 20 minutes de montage.',
      ],
      ['requester', 'Et le chargeur, il faut le changer ?'],
      [
        'solve',
        'Non, le même convient, les deux se chargent l’une après l’autre. Je vous ai préparé un devis dans votre espace.',
      ],
    ],
  },
  {
    queue: 'billing',
    category: 'Invoices',
    tags: ['payment'],
    priority: 'high',
    subject: 'Paiement refusé mais débité',
    opening:
      'Bonjour, le site m’a dit « paiement refusé », mais {amount} ont bien été débités. Je n’ai aucune confirmation de commande.',
    turns: [
      ['note', 'Autorisation seule, pas de débit réel : elle tombe sous sept jours. Commande non créée.'],
      [
        'agent',
        'Bonjour {name}, rassurez-vous : c’est une réservation et non un débit, elle disparaît d’elle-même sous sept jours. Souhaitez-vous que je crée la commande et vous envoie un lien de paiement ?',
      ],
      ['requester', 'Oui, volontiers, le vélo est pour un anniversaire samedi.'],
      ['agent', 'La commande est {order}. Si vous payez avant 15 h, elle part aujourd’hui.'],
      ['requester', 'C’est payé !'],
      ['solve', 'Et c’est parti. Livraison vendredi. Bon anniversaire !'],
    ],
  },
  {
    queue: 'orders',
    category: 'Delivery',
    tags: ['damage', 'parcel'],
    subject: 'Rayure sur le cadre à la livraison',
    opening:
      'Bonjour, le {product} de la commande {order} est arrivé avec une rayure de 6 cm sur le tube du haut. Le carton était pourtant intact.',
    turns: [
      [
        'agent',
        'Bonjour {name}, je suis désolé. Je vous propose un flacon de retouche et 60 €, ou l’échange du vélo. Que préférez-vous ?',
      ],
      ['requester', 'La retouche et les 60 € me vont.'],
      ['solve', 'C’est fait : 60 € reviennent sur votre carte, et le flacon arrive par courrier.'],
    ],
  },
  {
    queue: 'repairs',
    category: 'Repair',
    tags: ['fleet', 'service'],
    subject: 'Entretien de nos vélos cargo',
    opening:
      'Bonjour, nous avons six {product} pour nos livraisons et deux perdent de la puissance. Pouvez-vous passer en faire l’entretien avant les fêtes ?',
    turns: [
      [
        'agent',
        'Bonjour {name}, la camionnette peut venir jeudi ou vendredi de la semaine prochaine. Les deux vélos faibles roulent-ils avec des batteries de la première année ?',
      ],
      ['requester', 'Oui, ce sont les plus anciennes. Jeudi nous convient.'],
      ['note', 'Prévoir deux batteries en prêt. Remise flotte 15 %.'],
      [
        'hold',
        'Jeudi 8 h, c’est réservé. Nous apportons deux batteries de prêt pour comparer ; je vous confirme dès qu’elles sont là.',
      ],
      ['solve', 'Les batteries sont arrivées, tout est prêt pour jeudi.'],
    ],
  },
  {
    queue: 'orders',
    category: 'Delivery',
    tags: ['address'],
    subject: 'Changer l’heure de livraison de {order}',
    opening: 'Bonjour, la livraison est prévue demain matin et je travaille. Est-il possible après 17 h ou samedi ?',
    turns: [
      ['agent', 'Bonjour {name}, samedi entre 9 h et 12 h est libre. Je le réserve ?'],
      ['requester', 'Oui, parfait.'],
      ['solve', 'C’est réservé, le chauffeur vous appellera une demi-heure avant.'],
    ],
  },
  {
    queue: 'repairs',
    category: 'Warranty',
    tags: ['e-bike', 'noise'],
    subject: 'Claquement dans le pédalier du {product}',
    opening:
      'Bonjour, mon {product} claque une fois par tour de pédale, surtout en côte. 900 km au compteur. J’ai serré les pédales, sans effet.',
    turns: [
      [
        'ask',
        'Bonjour {name}, le bruit est-il aussi présent debout sur les pédales ? S’il disparaît, c’est la selle ; sinon, le boîtier.',
      ],
      ['requester', 'Il disparaît debout ! Je n’aurais jamais pensé à la selle.'],
      ['solve', 'C’est le classique. Démontez la selle, un peu de graisse sur les rails, 12 Nm, et le silence revient.'],
    ],
  },
  {
    queue: 'billing',
    category: 'Account',
    tags: ['newsletter', 'privacy'],
    priority: 'low',
    subject: 'Je reçois encore la lettre d’information',
    opening: 'Bonjour, je me suis désabonné deux fois et je reçois toujours vos promotions. Merci d’arrêter.',
    turns: [
      ['note', 'Deux comptes avec la même adresse, l’un avec majuscule. Fusion demandée.'],
      [
        'solve',
        'Bonjour {name}, vous aviez deux comptes et un seul était désabonné. Les deux le sont maintenant, vous ne recevrez plus rien. Toutes mes excuses.',
      ],
    ],
  },
  {
    queue: 'orders',
    category: 'Returns',
    tags: ['exchange'],
    subject: 'Mauvaise couleur reçue',
    opening: 'Bonjour, j’ai commandé le {product} en bleu ({order}) et j’ai reçu le gris. Je préfère vraiment le bleu.',
    turns: [
      ['note', 'Erreur d’étiquette au dépôt, deux vélos croisés. L’autre client a le bleu, échange direct possible.'],
      [
        'agent',
        'Bonjour {name}, deux cartons ont été intervertis chez nous. Le bleu part demain, et le même chauffeur reprend le gris. Serez-vous là mercredi ?',
      ],
      ['requester', 'Mercredi toute la journée, oui.'],
      ['solve', 'Alors à mercredi, et merci de votre patience. Une sonnette en cadeau voyage avec le vélo.'],
    ],
  },
]
