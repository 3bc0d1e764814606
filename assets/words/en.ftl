# What the kiosk says, in English. A message's .speech is its spoken form where the written one does not read well.

language-name = English
language-choose = English
language-title = Choose your language

back = Back
cancel = Stop and leave
pay = Pay { $amount }
key-erase = Erase
    .speech = Erase the last digit
key-clear = Clear
    .speech = Erase all digits
pay-other = Pay another amount
again = Try this payment again
reference = Reference: { $code }
not-charged = Your card was not charged.

foot-text-size = Text size
foot-theme = Contrast
foot-help = Call for help

amount-to-pay = To pay
amount-due = Amount due
amount-paid = Paid
amount-accepted = Accepted
amount-credit = Your credit
amount-not-paid = Not paid
amount-unknown = Being checked

# nobody is here
attract-title = Pay your hospital bill here
attract-line = Bring your paper bill and your card. It takes about two minutes.
attract-picture = Hold your bill under the camera
attract-start = Touch to start
closed-title = Card payments are paused here
closed-line = The card reader is not working at the moment. The front desk can take your payment.
closed-picture = Please see the front desk

# finding the bill
scan-title = Show your bill to the camera
scan-line = Hold the square code on your bill under the light. We will find it by ourselves.
scan-picture = Hold the bill flat, a hand's width away
scan-type = Type the statement number instead
scan-title-typing = Let us find your bill
scan-camera-away = The camera is not working at the moment. You can type the number on your bill.
scan-camera-away-picture = The number is at the top of your bill
number-title = Type your statement number
number-line = It is at the top right of your bill and has twelve digits.
number-hint = 12 digits
number-next = Find my bill
birth-title = What is the date of birth?
birth-line = Bill ending in { $ending }. Type the birth date of the person the bill is addressed to. We ask so that only you can see it.
birth-line-link = We found your bill. Type the birth date of the person it is addressed to. We ask so that only you can see it.
birth-hint = Month / day / year
birth-next = Show my bill
looking-up-title = One moment, we are finding your bill
looking-up-picture = This takes a few seconds

notice-code-unknown = That code is not one of our bills. Look for the square code on the first page of your bill.
notice-code-too-long = That code is not one of our bills. Look for the square code on the first page of your bill.
notice-code-not-text = That code is not one of our bills. Look for the square code on the first page of your bill.
notice-code-other-host = That code belongs to somebody else. Look for the square code on the first page of your bill.
notice-code-forged = We could not confirm that code. Please try again, or type the statement number.
notice-code-check-digits = One of the digits does not fit. Please compare the number with your bill.
notice-code-length = The number on your bill has twelve digits. Please type all of them.
notice-date-not-a-date = There is no such date. Please type month, day and year as in 03 14 1962.
notice-date-not-whole = Please type the month with two digits, the day with two digits and the year with four: 03 14 1962.
notice-no-match = That number and date of birth do not match a bill. Please check both and try again.
notice-hub-away = We could not reach the hospital's computer. You can still pay: type the amount that is on your bill.
notice-amount-zero = Please type the amount that you want to pay.
notice-amount-above-due = That is more than is due on this bill. Please type a smaller amount.
notice-limit-payment = Until we reach the hospital's computer, we can only take smaller payments here. Please type a smaller amount, or see the front desk.
notice-slip-failed = We could not print your note. Please write down the reference.
notice-receipt-failed = Your receipt could not be printed. Your payment is safe. Please write down the reference.
notice-no-printer = The receipt printer is not working. Please write down the reference.

# the bill
statement-title = { $amount } is due
statement-title-zero = Nothing is due on this bill
statement-title-credit = You have a credit with us
statement-line = { $name }, bill ending in { $ending }
statement-done = I am done
bill-visit = { $date }, { $place }: { $patient }
bill-charged = Charged for this visit
bill-insurance-paid = Insurance paid: { $what }
bill-you-paid = You paid: { $what }
bill-visit-due = Left to pay for this visit
bill-total = Due in all
amount-title = How much would you like to pay?
amount-line = { $due } is due. You may pay a part of it.
amount-line-away = Type the amount that is on your bill.
amount-hint = Dollars and cents

# paying
probing-title = One moment
probing-picture = We are getting the card reader ready
opening-title = One moment
opening-picture = We are getting the card reader ready
consent-title = You can still pay now
consent-line = We could not reach the hospital's computer. You can still pay; we will send your payment as soon as we can.
consent-receipt = Your receipt will say so.
consent-picture = Your payment will be sent later
card-wait-title = Follow the card reader
card-wait-line = The card reader tells you what to do.
card-wait-picture = Look at the card reader
card-insert-card-title = Insert or tap your card
card-insert-card-line = Use the card reader below this screen.
card-insert-card-picture = Insert or tap your card
card-reading-title = Reading your card
card-reading-line = Please leave the card where it is.
card-reading-picture = Leave the card where it is
card-enter-pin-title = Type your PIN on the card reader
card-enter-pin-line = Cover the keys with your other hand.
card-enter-pin-picture = Type your PIN on the card reader
card-remove-card-title = Please take your card
card-remove-card-line = Your card is still in the reader.
card-remove-card-picture = Take your card
card-checking-title = We are checking your payment
card-checking-line = The card reader stopped answering. We are asking it what happened. Please do not pay again.
card-checking-picture = Please wait here
card-cancelling-title = Stopping the payment
card-cancelling-line = We asked the card reader to stop. If your card was already accepted, we will say so.
card-cancelling-picture = Please wait here

approved-title = You paid { $amount }
approved-left = Left to pay on this bill: { $amount }
approved-card = Card: { $brand } ending in { $last4 }
    .speech = { $brand } card ending in { $last4 }
approved-card-unbranded = Card ending in { $last4 }
approved-picture = Approved by your bank
accepted-title = { $amount } accepted
accepted-hub-line = Your bank approved the payment. It will be sent to the hospital as soon as we can reach its computer.
accepted-bank-line = Accepted, not yet approved by your bank. If your bank declines it, we will tell you by mail.
accepted-line = You do not need to do anything more. Please do not pay again.
accepted-hub-picture = Accepted, will be sent
accepted-bank-picture = Accepted, not yet approved by your bank
receipt-print = Print my receipt
receipt-none = I do not need a receipt
receipt-without = I have written it down

declined-title = Your card was not accepted
declined-picture = Not paid
cancelled-title = The payment was stopped
cancelled-picture = Not paid
not-started-title = We could not start the payment
not-started-picture = Not paid
not-paid-back = Go back to my bill
why-declined = Your bank did not approve this card. You can try another card, or pay at the front desk.
why-cancelled = The payment was stopped before anything happened.
why-taken-back = The card reader did not do what we asked, so we took the payment back. If your bank shows it as pending, it disappears by itself within days.
why-terminal-away = The card reader is not answering.
why-terminal-busy = The card reader is busy with something else. Please try again in a minute.
why-terminal-out-of-order = The card reader is out of order.
why-terminal-not-zvt = The card reader is out of order.
why-terminal-other = The card reader is out of order.
why-terminal-refused = The card reader is out of order.
why-terminal-needs-service = The card reader is out of order.
why-terminal-currency = The card reader cannot take this currency.
why-terminal-card-left = A card is still in the reader. Please take it out and try again.

unknown-title = Please do not pay again
unknown-line = The card reader stopped answering, and we do not know yet whether your card was charged.
unknown-next = We are finding out. The billing office will write to you within { $days } working days. If your card was charged, it counts as paid.
unknown-picture = We are checking your payment
unknown-done = I have read this

printing-title = Printing your receipt
printing-picture = Your receipt comes out below the screen
thanks-title = Thank you. You are done here.
thanks-title-unknown = We will find out for you
thanks-take-receipt = Please take your paper.
thanks-line = This screen clears by itself in a few seconds.
thanks-picture = Goodbye, and take care
thanks-done = Clear this screen

# a person can help
desk-title = Please see the front desk
desk-picture = The front desk can help you
desk-done = Clear this screen
why-too-many-tries = We could not match your bill. The front desk can look it up with you.
why-bill-currency = This bill cannot be paid at this kiosk.
why-account-blocked = A payment on this bill is still being checked. Please do not pay again.
why-limit-payment = Until we reach the hospital's computer, this payment is too large for this kiosk.
why-limit-total = Until we reach the hospital's computer, this kiosk cannot take more payments.
why-limit-count = Until we reach the hospital's computer, this kiosk cannot take more payments.
why-limit-age = Until we reach the hospital's computer, this kiosk cannot take more payments.
why-not-enrolled = This kiosk is not set up to take payments yet.
why-queue-disk-full = This kiosk cannot take payments at the moment. Your card was not charged.
why-queue-disk-failing = This kiosk cannot take payments at the moment. Your card was not charged.
why-queue-damaged = This kiosk cannot take payments at the moment. Your card was not charged.
why-queue-unsafe = This kiosk cannot take payments at the moment. Your card was not charged.
why-queue-error = This kiosk cannot take payments at the moment. Your card was not charged.

# over the screen
idle-title = Are you still there?
idle-line = For your privacy this screen clears in { $seconds } seconds.
idle-stay = I need more time
idle-leave = I am done
help-title = Someone can help you
help-desk = Go to { $desk }.
help-phone = Or call { $phone }.
help-close = Go on with my payment

# the receipt
receipt-title = Receipt
receipt-title-accepted = Accepted, will be sent
receipt-title-bank = Accepted, not yet approved by your bank
receipt-slip-title = Please do not pay again
receipt-date = Date
receipt-amount = Amount
receipt-card = Card
receipt-authorization = Approval code
receipt-terminal = Terminal receipt
receipt-bill = Bill ending in
receipt-left = Left to pay
receipt-reference = Reference
receipt-check = Scan this code to check that the hospital has your payment.
receipt-slip-line = The card reader stopped answering. We do not know yet whether your card was charged. The billing office will write to you within { $days } working days. If your card was charged, it counts as paid.
receipt-accepted-line = The hospital's computer could not be reached. Your payment will be sent to it as soon as possible. You do not need to pay again.
receipt-bank-line = Your bank has not approved this payment yet. If it declines, we will tell you by mail.
receipt-thanks = Thank you
receipt-help = Questions? { $phone }
