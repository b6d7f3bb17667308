import type { Story } from '../story.ts'

/** What is written to the demo desk in Spanish. */
export const spanish: readonly Story[] = [
  {
    queue: 'orders',
    category: 'Delivery',
    tags: ['parcel', 'tracking'],
    subject: 'El pedido {order} no llega',
    opening:
      'Hola:\n\nel pedido {order} tenía que llegar el lunes y el seguimiento dice «en reparto» desde entonces. ¿Pueden averiguar qué pasa?\n\nGracias\n{name}',
    turns: [
      ['note', 'El repartidor marcó dos intentos a las 14:00, horario en que el portal está cerrado.'],
      [
        'agent',
        'Hola, {name}. El repartidor pasó dos veces con el portal cerrado y no dejó aviso. He pedido una entrega por la tarde: mañana entre las 17 y las 20 h. ¿Te va bien?',
      ],
      ['requester', 'Sí, perfecto, estaré en casa.'],
      ['solve', 'Estupendo. Si a las 20 h no está, escribe aquí y lo persigo personalmente.'],
    ],
  },
  {
    queue: 'repairs',
    category: 'Warranty',
    tags: ['battery', 'e-bike'],
    priority: 'high',
    subject: 'La batería de la {product} no carga',
    opening:
      'Buenos días. Desde ayer el cargador de mi {product} parpadea en rojo y la batería no pasa del 12 %. La compré hace un año y dos meses.',
    turns: [
      ['ask', 'Buenos días, {name}. ¿Cuántas veces seguidas parpadea antes de la pausa? Ese número es el código.'],
      ['requester', 'Cuatro veces y luego pausa.'],
      ['note', 'Cuatro = fusible del cargador, no de la batería. Enviar cargador nuevo en garantía.'],
      ['agent', 'Cuatro es buena noticia: es el cargador y no la batería. Te mando uno nuevo en garantía, llega pasado mañana.'],
      ['requester', 'Ha llegado y ya está cargando. ¡Mil gracias!'],
      ['solve', '¡Qué bien! El viejo puedes llevarlo a un punto limpio.'],
    ],
  },
  {
    queue: 'billing',
    category: 'Invoices',
    tags: ['invoice'],
    subject: 'Factura con NIF para el pedido {order}',
    opening:
      'Hola, necesito la factura de {order} ({amount}) a nombre de la empresa y con el NIF. En la que tengo aparece solo mi nombre.',
    turns: [
      ['ask', 'Hola, {name}. Claro que sí. ¿Me indicas la razón social y el NIF exactos?'],
      ['requester', 'Van en el pie de la última factura del año pasado; no han cambiado.'],
      ['solve', 'Las he encontrado. La factura nueva ya está en tu cuenta, en «Documentos»; la anterior queda anulada.'],
    ],
  },
  {
    queue: 'orders',
    category: 'Returns',
    tags: ['return'],
    subject: 'Quiero devolver la {product}',
    opening:
      'Buenas tardes, compré la {product} para mi hija y le queda pequeña. Está sin estrenar. ¿Cómo la devuelvo? El pedido es {order}.',
    turns: [
      [
        'agent',
        'Buenas tardes, {name}. La recogemos en casa sin coste. ¿Qué día te viene bien? ¿Y prefieres el dinero o la talla siguiente?',
      ],
      ['requester', 'El jueves, y la talla siguiente, por favor.'],
      [
        'solve',
        'Recogida el jueves por la mañana. La talla siguiente sale el mismo día, así no se queda sin bici el fin de semana.',
      ],
    ],
  },
  {
    queue: 'repairs',
    category: 'Repair',
    tags: ['brakes', 'safety'],
    priority: 'urgent',
    subject: 'El freno delantero de la {product} se va hasta el fondo',
    opening:
      'Hola, esta mañana la maneta del freno delantero ha llegado hasta el manillar sin frenar casi nada. Hay algo de líquido junto a la pinza. No me atrevo a usarla.',
    turns: [
      ['note', 'Fuga en la pinza. No debe circular. Furgoneta mañana en su zona.'],
      [
        'agent',
        'Has hecho bien en no usarla, {name}: pierde líquido y no frena. Nuestra furgoneta pasa mañana por tu zona y cambia la pinza allí mismo, sin coste. ¿A partir de qué hora puedes?',
      ],
      ['requester', 'Desde las cuatro de la tarde.'],
      ['agent', 'Entre las 16:30 y las 17:30, entonces. Son unos 40 minutos.'],
      ['requester', 'Ya está arreglada y el mecánico me ha explicado todo. Un trato excelente.'],
      ['solve', 'Gracias por avisar a tiempo, {name}. Buen camino.'],
    ],
  },
  {
    queue: 'billing',
    category: 'Account',
    tags: ['login'],
    subject: 'No puedo entrar en mi cuenta',
    opening: 'Hola, me dice que mi contraseña no es correcta, pero la tengo guardada en el navegador y nunca la he cambiado.',
    turns: [
      [
        'agent',
        'Hola, {name}. La semana pasada pedimos a todo el mundo una contraseña más larga; la antigua ya no sirve. Con «He olvidado mi contraseña» la renuevas en un minuto.',
      ],
      ['requester', 'Vale, ya está. No vi el correo.'],
      ['solve', 'Nos pasa a todos. Ya ves tus pedidos como siempre.'],
    ],
  },
  {
    queue: 'orders',
    category: 'Advice',
    tags: ['presales'],
    priority: 'low',
    subject: '¿La {product} sirve para cuestas?',
    opening: 'Buenas, vivo en Toledo y todo es subir. ¿La {product} puede con pendientes del 14 % llevando compra?',
    turns: [
      [
        'solve',
        'Hola, {name}. Sí: con hasta 110 kg en total sube el 14 % en el segundo nivel de ayuda, y le queda otro. Para la bajada va con discos grandes. Puedes probarla 30 días.',
      ],
    ],
  },
  {
    queue: 'repairs',
    category: 'Spare parts',
    tags: ['spare-part'],
    subject: 'Cubierta trasera para la {product}',
    opening: 'Hola, ¿qué medida exacta de cubierta lleva la {product}? En el lateral ya no se lee y no quiero equivocarme.',
    turns: [
      [
        'agent',
        'Hola, {name}. Lleva 47-622 (28 × 1,75). Te sirve también 50-622 si quitas el guardabarros una posición. ¿Te la enviamos?',
      ],
      ['requester', 'Sí, la 47 con banda reflectante.'],
      ['solve', 'Va de camino con una cámara de regalo. Presión entre 3 y 4 bar.'],
    ],
  },
  {
    queue: 'billing',
    category: 'Invoices',
    tags: ['payment', 'refund'],
    priority: 'high',
    subject: 'Me han cobrado dos veces {amount}',
    opening:
      'En el extracto de hoy hay dos cargos iguales de {amount} por el pedido {order}. Solo he comprado una bici. Por favor, devuelvan uno.',
    turns: [
      ['note', 'Doble captura confirmada por el banco. Devolución hecha.'],
      [
        'agent',
        'Tienes toda la razón, {name}. El segundo cargo fue un error del cobro y ya está devuelto. El banco tarda de dos a cinco días en mostrarlo.',
      ],
      ['requester', 'Hoy ha aparecido. Gracias por la rapidez.'],
      ['solve', 'Gracias a ti por avisar.'],
    ],
  },
  {
    queue: 'orders',
    category: 'Delivery',
    tags: ['damage'],
    subject: 'Falta el sillín en la caja',
    opening: 'He recibido la {product} ({order}) y en la caja no está ni el sillín ni la tija. Todo lo demás, perfecto.',
    turns: [
      ['note', 'Almacén: el lote de ayer salió sin la bolsa de accesorios, 12 bicis. Avisar al resto.'],
      [
        'agent',
        'Lo siento, {name}: se quedó la bolsa de accesorios aquí. Sale hoy por mensajero y la tienes mañana antes de las 12.',
      ],
      ['requester', 'Recibido, ya puedo salir a pedalear.'],
      ['solve', '¡Así da gusto! Perdona el despiste.'],
    ],
  },
  {
    queue: 'repairs',
    category: 'Repair',
    tags: ['fleet', 'service'],
    subject: 'Revisión de las bicis del hotel',
    opening:
      'Buenos días, tenemos diez {product} para los huéspedes y toca la revisión de temporada. ¿Pueden venir al hotel la próxima semana?',
    turns: [
      [
        'agent',
        'Buenos días, {name}. Podemos el martes y el miércoles. Diez bicis son día y medio; ¿hay un sitio cubierto con enchufe?',
      ],
      ['requester', 'Sí, el garaje. Martes y miércoles nos va bien. A dos les cuesta cambiar de marcha.'],
      ['hold', 'Reservado. Pido cables para esas dos; te confirmo en cuanto lleguen.'],
      ['solve', 'Los cables ya están. El martes a las 8:30 estamos en el garaje.'],
    ],
  },
  {
    queue: 'orders',
    category: 'Delivery',
    tags: ['address'],
    subject: 'Cambiar la dirección del pedido {order}',
    opening:
      'Hola, me mudo el sábado y el pedido {order} llega el lunes. ¿Se puede enviar a la dirección nueva? Es calle Olmo 18, 2.º B, 28012 Madrid.',
    turns: [
      [
        'solve',
        'Hola, {name}. Cambiada: llega el lunes a la calle Olmo. También la he puesto como dirección principal de tu cuenta. ¡Feliz mudanza!',
      ],
    ],
  },
  {
    queue: 'repairs',
    category: 'Warranty',
    tags: ['e-bike', 'firmware'],
    subject: 'La app no encuentra mi {product}',
    opening:
      'Desde que actualicé el móvil, la aplicación ya no encuentra la {product} por Bluetooth. He borrado el emparejamiento y nada.',
    turns: [
      ['ask', 'Hola, {name}. ¿Qué versión de la aplicación tienes? La encuentras en «Ajustes», abajo del todo.'],
      ['requester', 'La 5.3.0.'],
      ['note', 'La 5.3.0 pide un permiso que la actualización del móvil quita. 5.3.1 ya está en las tiendas.'],
      ['agent', 'Es esa versión. Actualiza a la 5.3.1 y, al abrirla, acepta «dispositivos cercanos».'],
      ['requester', 'Funciona. Era el permiso.'],
      ['solve', 'Perfecto. Gracias por probarlo tan rápido.'],
    ],
  },
  {
    queue: 'billing',
    category: 'Account',
    tags: ['privacy'],
    subject: 'Solicito una copia de mis datos',
    opening: 'Buenos días, según el RGPD solicito una copia de los datos personales que tienen sobre mí.',
    turns: [
      ['note', 'Plazo: un mes. Identidad verificada por el acceso a la cuenta.'],
      [
        'hold',
        'Buenos días, {name}. He registrado tu solicitud. La copia la prepara nuestro equipo de privacidad y la tendrás en tu cuenta dentro de esta semana.',
      ],
      ['solve', 'Ya puedes descargarla en «Mi cuenta → Privacidad». El enlace vale 30 días.'],
    ],
  },
  {
    queue: 'orders',
    category: 'Returns',
    tags: ['refund'],
    subject: '¿Cuándo llega el reembolso de {order}?',
    opening: 'Hola, recogieron la {product} hace diez días y aún no veo los {amount} en mi cuenta. ¿Va todo bien?',
    turns: [
      [
        'agent',
        'Hola, {name}. La bici llegó el viernes y la revisión terminó hoy: todo correcto. El reembolso ha salido hace un momento.',
      ],
      ['requester', 'Recibido. Un poco más de prisa la próxima vez, pero gracias.'],
      ['solve', 'Tomo nota, y con razón. Gracias por la paciencia.'],
    ],
  },
]
