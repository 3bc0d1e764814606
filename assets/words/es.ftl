# Lo que dice el quiosco, en español. El .speech de un mensaje es su forma hablada cuando la escrita no se lee bien.
# Español de hospital en Estados Unidos: de usted, palabras de todos los días, nada que asuste.

language-name = Español
language-choose = Español
language-title = Elija su idioma

back = Volver
cancel = Terminar y salir
pay = Pagar { $amount }
key-erase = Borrar
    .speech = Borrar el último número
key-clear = Vaciar
    .speech = Borrar todos los números
pay-other = Pagar otra cantidad
again = Intentar el pago otra vez
reference = Referencia: { $code }
not-charged = No se hizo ningún cargo a su tarjeta.

foot-text-size = Tamaño de letra
foot-theme = Contraste
foot-help = Pedir ayuda

amount-to-pay = A pagar
amount-due = Saldo pendiente
amount-paid = Pagado
amount-accepted = Aceptado
amount-credit = Saldo a su favor
amount-not-paid = Sin pagar
amount-unknown = En revisión

# no hay nadie
attract-title = Pague aquí su factura del hospital
attract-line = Traiga su factura en papel y su tarjeta. Le tomará unos dos minutos.
attract-picture = Ponga su factura debajo de la cámara
attract-start = Tocar para empezar
closed-title = Por ahora no se puede pagar aquí con tarjeta
closed-line = El lector de tarjetas no funciona en este momento. En la recepción pueden recibir su pago.
closed-picture = Pase a la recepción, por favor

# encontrar la factura
scan-title = Muestre su factura a la cámara
scan-line = Ponga el código cuadrado de su factura debajo de la luz. La buscamos enseguida.
scan-picture = Mantenga la factura plana, a un palmo de distancia
scan-type = Escribir el número de la factura
scan-title-typing = Busquemos su factura
scan-camera-away = La cámara no funciona en este momento. Puede escribir el número que está en su factura.
scan-camera-away-picture = El número está en la parte de arriba de su factura
number-title = Escriba el número de su factura
number-line = Está arriba a la derecha en su factura y tiene doce dígitos.
number-hint = 12 dígitos
number-next = Buscar mi factura
birth-title = ¿Cuál es la fecha de nacimiento?
birth-line = Factura terminada en { $ending }. Escriba la fecha de nacimiento de la persona a cuyo nombre está. Se la pedimos para que solo usted pueda verla.
birth-line-link = Encontramos su factura. Escriba la fecha de nacimiento de la persona a cuyo nombre está. Se la pedimos para que solo usted pueda verla.
birth-hint = Día / mes / año
birth-next = Ver mi factura
looking-up-title = Un momento, estamos buscando su factura
looking-up-picture = Tarda unos segundos

notice-code-unknown = Ese código no es de una de nuestras facturas. Busque el código cuadrado en la primera página de su factura.
notice-code-too-long = Ese código no es de una de nuestras facturas. Busque el código cuadrado en la primera página de su factura.
notice-code-not-text = Ese código no es de una de nuestras facturas. Busque el código cuadrado en la primera página de su factura.
notice-code-other-host = Ese código es de otra organización. Busque el código cuadrado en la primera página de su factura.
notice-code-forged = No pudimos confirmar ese código. Inténtelo otra vez, por favor, o escriba el número de la factura.
notice-code-check-digits = Uno de los dígitos no coincide. Por favor, compare el número con el de su factura.
notice-code-length = El número de su factura tiene doce dígitos. Por favor, escríbalos todos.
notice-date-not-a-date = Esa fecha no existe. Por favor, escriba día, mes y año como en 14 03 1962.
notice-date-not-whole = Por favor, escriba el día con dos dígitos, el mes con dos dígitos y el año con cuatro: 14 03 1962.
notice-no-match = Ese número y esa fecha de nacimiento no corresponden a ninguna factura. Por favor, revise los dos e inténtelo otra vez.
notice-hub-away = No pudimos comunicarnos con la computadora del hospital. Aun así puede pagar: escriba la cantidad que está en su factura.
notice-amount-zero = Por favor, escriba la cantidad que quiere pagar.
notice-amount-above-due = Es más de lo que se debe en esta factura. Por favor, escriba una cantidad menor.
notice-limit-payment = Mientras no podamos comunicarnos con la computadora del hospital, aquí solo podemos recibir pagos más pequeños. Por favor, escriba una cantidad menor o pase a la recepción.
notice-slip-failed = No pudimos imprimir su nota. Por favor, anote la referencia.
notice-receipt-failed = No se pudo imprimir su recibo. Su pago está a salvo. Por favor, anote la referencia.
notice-no-printer = La impresora de recibos no funciona. Por favor, anote la referencia.

# la factura
statement-title = Debe { $amount }
statement-title-zero = No debe nada en esta factura
statement-title-credit = Tiene saldo a su favor con nosotros
statement-line = { $name }, factura terminada en { $ending }
statement-done = Ya terminé
bill-visit = { $date }, { $place }: { $patient }
bill-charged = Cargos de esta visita
bill-insurance-paid = El seguro pagó: { $what }
bill-you-paid = Usted pagó: { $what }
bill-visit-due = Falta pagar de esta visita
bill-total = Total pendiente
amount-title = ¿Cuánto desea pagar?
amount-line = Debe { $due }. Puede pagar solo una parte.
amount-line-away = Escriba la cantidad que está en su factura.
amount-hint = Dólares y centavos

# el pago
probing-title = Un momento
probing-picture = Estamos preparando el lector de tarjetas
opening-title = Un momento
opening-picture = Estamos preparando el lector de tarjetas
consent-title = Aun así puede pagar ahora
consent-line = No pudimos comunicarnos con la computadora del hospital. Aun así puede pagar; enviaremos su pago lo antes posible.
consent-receipt = Su recibo lo dirá así.
consent-picture = Su pago se enviará más tarde
card-wait-title = Siga las indicaciones del lector de tarjetas
card-wait-line = El lector de tarjetas le dirá qué hacer.
card-wait-picture = Mire el lector de tarjetas
card-insert-card-title = Inserte o acerque su tarjeta
card-insert-card-line = Use el lector de tarjetas que está debajo de esta pantalla.
card-insert-card-picture = Inserte o acerque su tarjeta
card-reading-title = Estamos leyendo su tarjeta
card-reading-line = Por favor, deje la tarjeta donde está.
card-reading-picture = Deje la tarjeta donde está
card-enter-pin-title = Marque su PIN en el lector de tarjetas
card-enter-pin-line = Cubra las teclas con la otra mano.
card-enter-pin-picture = Marque su PIN en el lector de tarjetas
card-remove-card-title = Retire su tarjeta, por favor
card-remove-card-line = Su tarjeta todavía está en el lector.
card-remove-card-picture = Retire su tarjeta
card-checking-title = Estamos revisando su pago
card-checking-line = El lector de tarjetas dejó de responder. Le estamos preguntando qué pasó. Por favor, no pague otra vez.
card-checking-picture = Espere aquí, por favor
card-cancelling-title = Estamos deteniendo el pago
card-cancelling-line = Le pedimos al lector de tarjetas que se detenga. Si su tarjeta ya fue aceptada, se lo diremos.
card-cancelling-picture = Espere aquí, por favor

approved-title = Usted pagó { $amount }
approved-left = Falta pagar de esta factura: { $amount }
approved-card = Tarjeta: { $brand } terminada en { $last4 }
    .speech = Tarjeta { $brand } terminada en { $last4 }
approved-card-unbranded = Tarjeta terminada en { $last4 }
approved-picture = Aprobado por su banco
accepted-title = Aceptamos { $amount }
accepted-hub-line = Su banco aprobó el pago. Lo enviaremos al hospital en cuanto podamos comunicarnos con su computadora.
accepted-bank-line = Aceptado, todavía no aprobado por su banco. Si su banco no lo aprueba, se lo avisaremos por correo.
accepted-line = No tiene que hacer nada más. Por favor, no pague otra vez.
accepted-hub-picture = Aceptado, se enviará
accepted-bank-picture = Aceptado, todavía no aprobado por su banco
receipt-print = Imprimir mi recibo
receipt-none = No necesito recibo
receipt-without = Ya anoté la referencia

declined-title = Su tarjeta no fue aceptada
declined-picture = Sin pagar
cancelled-title = El pago se detuvo
cancelled-picture = Sin pagar
not-started-title = No pudimos empezar el pago
not-started-picture = Sin pagar
not-paid-back = Volver a mi factura
why-declined = Su banco no aprobó esta tarjeta. Puede intentar con otra tarjeta o pagar en la recepción.
why-cancelled = El pago se detuvo antes de que pasara nada.
why-taken-back = El lector no hizo lo que le pedimos y anulamos el pago. Si su banco lo muestra como pendiente, desaparece solo en unos días.
why-terminal-away = El lector de tarjetas no responde.
why-terminal-busy = El lector de tarjetas está ocupado. Por favor, inténtelo otra vez en un minuto.
why-terminal-out-of-order = El lector de tarjetas no está funcionando.
why-terminal-not-zvt = El lector de tarjetas no está funcionando.
why-terminal-other = El lector de tarjetas no está funcionando.
why-terminal-refused = El lector de tarjetas no está funcionando.
why-terminal-needs-service = El lector de tarjetas no está funcionando.
why-terminal-currency = El lector de tarjetas no acepta esta moneda.
why-terminal-card-left = Todavía hay una tarjeta en el lector. Por favor, retírela e inténtelo otra vez.

unknown-title = Por favor, no pague otra vez
unknown-line = El lector de tarjetas dejó de responder y todavía no sabemos si se hizo el cargo a su tarjeta.
unknown-next = Lo estamos averiguando. La oficina de cobros le escribirá en un plazo de { $days } días hábiles. Si se hizo el cargo, cuenta como pagado.
unknown-picture = Estamos revisando su pago
unknown-done = Ya leí esto

printing-title = Estamos imprimiendo su recibo
printing-picture = Su recibo sale debajo de la pantalla
thanks-title = Gracias. Eso es todo.
thanks-title-unknown = Lo averiguaremos por usted
thanks-take-receipt = Por favor, tome su papel.
thanks-line = Esta pantalla se borra sola en unos segundos.
thanks-picture = Hasta luego, que le vaya bien
thanks-done = Borrar esta pantalla

# una persona puede ayudar
desk-title = Pase a la recepción, por favor
desk-picture = En la recepción le pueden ayudar
desk-done = Borrar esta pantalla
why-too-many-tries = No pudimos encontrar su factura. En la recepción la pueden buscar con usted.
why-bill-currency = Esta factura no se puede pagar en este quiosco.
why-account-blocked = Todavía se está revisando un pago de esta factura. Por favor, no pague otra vez.
why-limit-payment = Mientras no podamos comunicarnos con la computadora del hospital, este pago es demasiado grande para este quiosco.
why-limit-total = Mientras no podamos comunicarnos con la computadora del hospital, este quiosco no puede recibir más pagos.
why-limit-count = Mientras no podamos comunicarnos con la computadora del hospital, este quiosco no puede recibir más pagos.
why-limit-age = Mientras no podamos comunicarnos con la computadora del hospital, este quiosco no puede recibir más pagos.
why-not-enrolled = Este quiosco todavía no está preparado para recibir pagos.
why-queue-disk-full = Este quiosco no puede recibir pagos en este momento. No se hizo ningún cargo a su tarjeta.
why-queue-disk-failing = Este quiosco no puede recibir pagos en este momento. No se hizo ningún cargo a su tarjeta.
why-queue-damaged = Este quiosco no puede recibir pagos en este momento. No se hizo ningún cargo a su tarjeta.
why-queue-unsafe = Este quiosco no puede recibir pagos en este momento. No se hizo ningún cargo a su tarjeta.
why-queue-error = Este quiosco no puede recibir pagos en este momento. No se hizo ningún cargo a su tarjeta.

# encima de la pantalla
idle-title = ¿Sigue ahí?
idle-line = Para proteger su privacidad, esta pantalla se borra en { $seconds } segundos.
idle-stay = Necesito más tiempo
idle-leave = Ya terminé
help-title = Alguien le puede ayudar
help-desk = Puede preguntar aquí: { $desk }.
help-phone = O llame al { $phone }.
help-close = Seguir con mi pago

# para el personal: qué espera en este quiosco, y por qué
staff-open = Ver la pantalla del personal
staff-pin-title = Escriba el PIN del personal
staff-pin-line = Esta pantalla es para quienes trabajan aquí.
staff-pin-hint = De 4 a 8 cifras
staff-pin-next = Ver lo que espera
staff-checking-title = Un momento, por favor
staff-checking-picture = Estamos mirando lo que espera
notice-pin-short = El PIN del personal tiene de cuatro a ocho cifras. Por favor, escríbalas todas.
notice-pin-wrong = Ese no es el PIN del personal. Por favor, escríbalo otra vez.
notice-pin-locked = Demasiados intentos. Por favor, espere 15 minutos.
notice-pin-unread = Ahora no se pudo leer lo que espera. Por favor, escriba el PIN otra vez.
staff-title = Pagos en este quiosco
staff-line-clear = Todo ha llegado a la central.
staff-line-waiting = Aquí esperan pagos que salen solos. No se pierde nada.
staff-done = Borrar esta pantalla
staff-queue = Esperan a la central
staff-count = Registros
staff-sum = En total
staff-oldest = El más antiguo, desde
staff-hub = La central
staff-tried = Último intento
staff-next = Próximo intento
staff-next-person = Cuando alguien lo haya mirado
staff-sync-well = La central recibe nuestros pagos.
staff-sync-none = Todavía no se ha llamado a la central.
staff-sync-away = No se llega a la central. Mire el cable de red; seguimos intentando.
staff-sync-busy = La central está ocupada o en reparación. Seguimos intentando.
staff-sync-stranger = Lo que responde no es nuestra central. Llame al técnico.
staff-sync-clock = El reloj del quiosco está mal. Llame al técnico.
staff-sync-enrol = La central ya no acepta a este quiosco. Llame al técnico: hay que darlo de alta otra vez.
staff-sync-renewing = El certificado del quiosco ha caducado. Pide el siguiente por sí mismo.
staff-sync-restored = La central es una copia antigua. Su operador debe terminar de restaurarla.
staff-sync-lost = La central ha perdido pagos que tenía. Llame al técnico y a la oficina de facturación.
staff-sync-not-taken = La central no acepta lo que enviamos. Llame al técnico. No se pierde nada.
staff-sync-other = La central nos rechaza. Llame al técnico. No se pierde nada.
staff-people = Para la oficina de facturación
staff-parked = Apartados en la central
staff-declined = Rechazados después por el banco
staff-devices = Aparatos
staff-device-terminal = Lector de tarjetas
staff-device-scanner = Cámara
staff-device-printer = Impresora de recibos
staff-condition-ready = Funciona
staff-condition-low = Funciona, pronto necesita a alguien
staff-condition-busy = Está ocupado
staff-condition-away = No responde
staff-condition-out = Necesita a alguien
staff-condition-latched = Necesita al técnico
staff-condition-unknown = No dice cómo está

# el recibo
receipt-title = Recibo
receipt-title-accepted = Aceptado, se enviará
receipt-title-bank = Aceptado, todavía no aprobado por su banco
receipt-slip-title = Por favor, no pague otra vez
receipt-date = Fecha
receipt-amount = Cantidad
receipt-card = Tarjeta
receipt-authorization = Código de aprobación
receipt-terminal = Recibo del lector
receipt-bill = Factura terminada en
receipt-left = Falta pagar
receipt-reference = Referencia
receipt-check = Escanee este código para comprobar que el hospital tiene su pago.
receipt-slip-line = El lector de tarjetas dejó de responder. Todavía no sabemos si se hizo el cargo a su tarjeta. La oficina de cobros le escribirá en un plazo de { $days } días hábiles. Si se hizo el cargo, cuenta como pagado.
receipt-accepted-line = No pudimos comunicarnos con la computadora del hospital. Su pago se le enviará lo antes posible. No necesita pagar otra vez.
receipt-bank-line = Su banco todavía no ha aprobado este pago. Si no lo aprueba, se lo avisaremos por correo.
receipt-thanks = Gracias
receipt-help = ¿Preguntas? { $phone }
