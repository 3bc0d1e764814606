# What a printed statement says, in English.

statement = Statement
page = Page { $page } of { $pages }
responsible = Responsible for payment
account = Account number
issued = Statement date
pin = Statement PIN
patient = Patient: { $name }

due = Amount you owe
due-by = Please pay by { $date }.
settled = Nothing to pay
settled-line = Thank you. This bill is settled.
credit = Credit on your account
credit-line = You have paid more than you owed. Call us, and we will send it back or keep it for your next bill.

kiosk = Pay at the kiosk
kiosk-see = See this bill at the kiosk
kiosk-how = Hold this page under the camera of the kiosk in our lobby, or type the number below the bars.
pin-how = Without this page the kiosk finds your bill by your name, your birth date and the PIN.
call = Or call { $phone }, or come to { $desk }.

sum-charges = Charges
sum-adjustments = Discounts
sum-insurance = Insurance paid
sum-patient = You paid
sum-left = Left to pay
sum-credit = Your credit

column-date = Date
column-what = What it is for
column-amount = Amount
by-insurance = Insurance paid: { $what }
by-patient = You paid: { $what }
at-the-kiosk = at the kiosk

help = Is this more than you can pay now? Ask us about financial assistance and monthly payments: { $phone }. Interpreters are free.
