# Lo que dice un estado de cuenta impreso, en español.

statement = Estado de cuenta
page = Página { $page } de { $pages }
responsible = Responsable del pago
account = Número de cuenta
issued = Fecha del estado de cuenta
pin = PIN del estado de cuenta
patient = Paciente: { $name }

due = Lo que usted debe
due-by = Por favor, pague a más tardar el { $date }.
settled = No hay nada que pagar
settled-line = Gracias. Esta cuenta está saldada.
credit = Saldo a su favor
credit-line = Usted pagó más de lo que debía. Llámenos y se lo devolvemos o lo guardamos para su próxima cuenta.

kiosk = Pague en el quiosco
kiosk-see = Vea esta cuenta en el quiosco
kiosk-how = Ponga esta hoja bajo la cámara del quiosco de nuestro vestíbulo, o escriba el número que está debajo de las barras.
pin-how = Sin esta hoja, el quiosco encuentra su cuenta con su nombre, su fecha de nacimiento y el PIN.
call = También puede llamar al { $phone } o venir a { $desk }.

sum-charges = Cargos
sum-adjustments = Descuentos
sum-insurance = Pagó el seguro
sum-patient = Pagó usted
sum-left = Queda por pagar
sum-credit = A su favor

column-date = Fecha
column-what = Concepto
column-amount = Importe
by-insurance = Pagó el seguro: { $what }
by-patient = Pagó usted: { $what }
at-the-kiosk = en el quiosco

help = ¿Es más de lo que puede pagar ahora? Pregunte por la ayuda económica y los pagos mensuales: { $phone }. El intérprete es gratis.
